import type { Plugin } from 'rolldown';

/** Where schemas are, and nothing but them: no statement at the top of a file does anything besides. */
const SCHEMAS = /\/crds\/src\/.*\.ts$/;

/**
 * Marks every schema as what can be left out where nobody names it. A program needs a few; a bundler cannot tell of a chain of calls that
 * it has no effect, and each schema is kilobytes of closures in memory.
 */
export const crdsParts: Plugin = {
  name: 'crds-parts',
  transform: {
    filter: { id: SCHEMAS },
    handler(code) {
      let marked = code;
      // From the last to the first: what is before stays where it is.
      for (const { start, end } of callsAtTop(this.parse(code, { lang: 'ts' }).body).toReversed()) {
        marked = `${marked.slice(0, start)}/* @__PURE__ */ (() => ${marked.slice(start, end)})()${marked.slice(end)}`;
      }
      return { code: marked, moduleSideEffects: false };
    },
  },
};

type Statement = ReturnType<ThisParameterType<Extract<NonNullable<Plugin['transform']>, { handler: unknown }>['handler']>['parse']>['body'][number];

/** What `const NAME = CALL` at the top of a file is made from. */
function callsAtTop(statements: readonly Statement[]): { readonly start: number; readonly end: number }[] {
  const declarations = statements.map((statement) => (statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement));
  const made = declarations.flatMap((declaration) => (declaration?.type === 'VariableDeclaration' ? declaration.declarations : []));
  return made.flatMap(({ init }) => (init?.type === 'CallExpression' || init?.type === 'NewExpression' ? [init] : []));
}

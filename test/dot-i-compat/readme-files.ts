/** A source file made of blocks of the package's README. */
interface ReadmeFile {
  readonly blocks: readonly string[];
  /** What the blocks use and the README leaves out: it shows parts of a program. */
  readonly before?: string;
  readonly after?: string;
}

const MAIN = 'Operator class 2';

function main(module: string): ReadmeFile {
  // Its last line is behind the handlers of signals, which a test must not be ahead of.
  return { before: `import MyOperator from './${module}.js';`, blocks: [MAIN], after: "console.log('running');" };
}

const files: Readonly<Record<string, ReadmeFile>> = {
  'empty.ts': { blocks: ['Operator class'] },
  'run-empty.ts': main('empty'),
  'namespace-watcher.ts': { blocks: ['Operator that watches namespaces'] },
  'run-namespace-watcher.ts': main('namespace-watcher'),
  'custom-resource.ts': {
    before: "import { KubeObject as KubernetesObject } from '@sluice/kube';",
    blocks: ['Operator that watches a custom resource', 'Operator that watches a custom resource 2'],
  },
  'run-custom-resource.ts': main('custom-resource'),
  'register.ts': {
    // The block is CommonJS's, and imports no Operator.
    before: "import { Operator } from '@sluice/kube';\nconst __dirname = import.meta.dirname;",
    blocks: ['Register a custom resource definition from the operator'],
  },
  'run-register.ts': main('register'),
  'logger.ts': {
    before: "import { Operator } from '@sluice/kube';", blocks: ['constructor'],
    after: 'export abstract class Logging extends Operator {\n  constructor(logger: OperatorLogger) {\n    super(logger);\n  }\n}',
  },
  'events.ts': {
    before: "import { ResourceEvent as OurEvent, ResourceEventType as OurTypes } from '@sluice/kube';", blocks: ['watchResource 2'],
    // Documented as always there, but no cluster-scoped object has a namespace: the package declares it optional, too.
    after: `export const meta = (given: OurEvent['meta'] & { namespace: string }): ResourceMeta => given;
export const object = (given: OurEvent): ResourceEvent['object'] => given.object;
export const types: { readonly [K in keyof typeof ResourceEventType]: \`\${(typeof ResourceEventType)[K]}\` } = OurTypes;`,
  },
};

/** Blocks that hold the signature of one verb. */
export const SIGNATURES: readonly string[] = [
  'init', 'watchResource', 'setResourceStatus', 'patchResourceStatus', 'handleResourceFinalizer', 'setResourceFinalizers', 'registerCustomResourceDefinition',
];

/** All that is changed in a block: its import, for there is no default export here, and the comments in whose place the README wants its reader's code. */
const CHANGES: readonly (readonly [from: RegExp, to: string])[] = [
  [/^import Operator from '@dot-i\/k8s-operator';$/m, "import { Operator } from '@sluice/kube';"],
  [/^import Operator, \{ (.*) \} from '@dot-i\/k8s-operator';$/m, "import { Operator, $1 } from '@sluice/kube';"],
  [/\/\/ do something useful here$/gm, 'console.log(e.type, metadata.name);'],
  [/\/\/ Log here\.\.\.$/m, "console.log('failed', err);"],
  [/\/\/ [A-Z]+: handle resource modification here$/m, "console.log('modified', metadata.name, object.spec.foo);"],
  [/\/\/ [A-Z]+: handle resource deletion here$/m, "console.log('deleted', e.meta.name);"],
];

/** The names of the blocks that go into a file. */
export function blocksInFiles(): string[] {
  return [...Object.values(files).flatMap(({ blocks }) => blocks), ...SIGNATURES];
}

/** File name to text: the README's programs, and its signatures and interfaces with what holds our class against them. */
export function readmeSources(blocks: ReadonlyMap<string, string>): Record<string, string> {
  const made = Object.entries(files).map(([name, file]) => [name, sourceOf(file, blocks)]);
  return { ...Object.fromEntries(made), 'signatures.ts': signatures(blocks) };
}

function sourceOf({ before = '', blocks: names, after = '' }: ReadmeFile, blocks: ReadonlyMap<string, string>): string {
  return [before, ...names.map((name) => changed(blocks.get(name) ?? '')), after, ''].join('\n');
}

function changed(block: string): string {
  return CHANGES.reduce((text, [from, to]) => text.replaceAll(from.global ? from : new RegExp(from, `${from.flags}g`), to), block);
}

/** An interface of the documented signatures, and a class that gives ours for each. */
function signatures(blocks: ReadonlyMap<string, string>): string {
  // Two that are documented to give nothing give what was written, in the package as here.
  const documented = SIGNATURES.map((name) => `${(blocks.get(name) ?? '').trim().replace(/^(?:(?:protected|abstract|async) )+/, '').replace(/Promise<void>$/, 'Promise<unknown>')};`);
  const given = SIGNATURES.map((name) => `${name}: (...given) => this.${name}(...given),`);
  return `import { Operator, ResourceEvent, ResourceMeta } from '@sluice/kube';
interface Documented {
${documented.join('\n')}
}
export abstract class Verified extends Operator {
  verbs(): Documented {
    return { ${given.join('\n')} };
  }
}
`;
}

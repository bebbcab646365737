import type { EvalCase } from '@sluice/crds';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CaseFile, CaseSource } from '../case-source.ts';
import { parseCase } from '../prepared-case.ts';
import { SuiteError } from '../suite-error.ts';
import { expectationOf } from './assertions.ts';

/** YAML is read as a whole. */
const maximumBytes = 8 * 1_048_576;

const variables = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const assertion = z.strictObject({ type: z.string(), value: z.unknown().optional(), threshold: z.unknown().optional() });
const test = z.strictObject({ description: z.string().optional(), vars: variables.default({}), assert: z.array(assertion).default([]) });

/** Keys that say how promptfoo itself runs are left out of account; anything else that isn't known is refused. */
const config = z.strictObject({
  description: z.unknown().optional(),
  providers: z.unknown().optional(),
  targets: z.unknown().optional(),
  outputPath: z.unknown().optional(),
  prompts: z.array(z.string()).length(1, 'must hold one prompt, such as "{{question}}": the agent has its own'),
  defaultTest: test.omit({ description: true }).optional(),
  tests: z.array(test).min(1, 'holds no tests'),
});

type Test = z.infer<typeof test>;

/**
 * The tests of a promptfoo configuration, as far as they are texts: one prompt, variables, and the assertions of `assertions.ts`.
 * What cannot be imported is refused by its name. Iterating throws SuiteError.
 */
export function promptfooCases(file: CaseFile): CaseSource {
  return {
    cases: async function* placed() {
      const { prompts, defaultTest, tests } = parseConfig(file.name, await textOf(file));
      for (const [index, each] of tests.entries()) {
        const place = `${file.name}, tests[${index}]`;
        yield { place, evalCase: parseCase(place, caseOf(place, { index, prompt: prompts[0] ?? '', test: withDefaults(each, defaultTest) })) };
      }
    },
  };
}

async function textOf({ name, open }: CaseFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of open()) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw new SuiteError(name, `has more than ${maximumBytes / 1_048_576} MiB; write large suites as JSONL, one case a line`);
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseConfig(name: string, text: string): z.infer<typeof config> {
  const parsed = config.safeParse(parseYaml(name, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') || 'the file';
  if (issue?.code === 'unrecognized_keys') throw new SuiteError(name, `${at}: ${issue.keys.map((key) => `"${key}"`).join(', ')} cannot be imported; remove it, or write the cases as an EvalSuite`);
  throw new SuiteError(name, `${at}: ${issue?.message ?? 'has another form'}`);
}

function parseYaml(name: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    // The parser's message quotes the file.
    const line = typeof cause === 'object' && cause !== null && 'linePos' in cause && Array.isArray(cause.linePos) ? (cause.linePos[0] as { readonly line: number }).line : undefined;
    throw new SuiteError(line === undefined ? name : `${name}, line ${line}`, 'is not YAML');
  }
}

function withDefaults(each: Test, defaults: Omit<Test, 'description'> | undefined): Test {
  return { ...each, vars: { ...defaults?.vars, ...each.vars }, assert: [...(defaults?.assert ?? []), ...each.assert] };
}

function caseOf(place: string, { index, prompt, test: { description, vars, assert } }: { readonly index: number; readonly prompt: string; readonly test: Test }): Partial<EvalCase> {
  const own = plain(place, vars);
  const expect = expectationOf(assert.map(({ type, value, threshold }, at) => ({ type, value: filled(value, { place, field: `assert[${at}].value`, vars: own }), threshold })), place);
  return { name: nameOf(index, description), input: { text: rendered(prompt, { place, field: 'prompts[0]', vars: own }) }, expect };
}

/** promptfoo puts a file in the place of its name, and fills in variables of variables. */
function plain(place: string, vars: Test['vars']): Test['vars'] {
  for (const [name, value] of Object.entries(vars)) {
    if (typeof value === 'string' && /^file:\/\/|\{\{|\{%|\{#/.test(value)) throw new SuiteError(place, `vars.${name} is a file or holds {{ }}, {% or {#, which cannot be imported; write its text out`);
  }
  return vars;
}

interface Filling {
  readonly place: string;
  /** Where the text stands. */
  readonly field: string;
  readonly vars: Test['vars'];
}

/** The texts of a value, lists of them included. What a schema holds is no text. */
function filled(value: unknown, filling: Filling): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => filled(each, filling));
  return typeof value === 'string' && !value.startsWith('file://') ? rendered(value, filling) : value;
}

/** Unique by its number. */
function nameOf(index: number, description = ''): string {
  const words = description.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 48);
  return `${index + 1}-${words}`.replace(/-+$/, '');
}

function rendered(text: string, { place, field, vars }: Filling): string {
  if (/\{%|\{#|^file:\/\//.test(text)) throw new SuiteError(place, `${field} may hold variables such as {{question}} only; blocks and files cannot be imported`);
  if (/\{\{[^{}]*\{[^{}]*\}\}/.test(text)) throw new SuiteError(place, `${field} has a brace within {{ }}; only the name of a variable can stand there`);
  // No brace within: else each of a million open ones would be looked for to the end of the text.
  return text.replaceAll(/\{\{([^{}]*)\}\}/g, (_match, inside: string) => {
    const value = Object.hasOwn(vars, inside.trim()) ? vars[inside.trim()] : undefined;
    if (value === undefined) throw new SuiteError(place, `vars has no "${inside.trim()}", which ${field} names; add it (filters cannot be imported)`);
    return String(value);
  });
}

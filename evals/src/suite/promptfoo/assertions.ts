import type { Expectation } from '@sluice/crds';
import { SuiteError } from '../suite-error.ts';

export interface Assertion {
  readonly type: string;
  readonly value: unknown;
  readonly threshold: unknown;
}

type Convert = (assertion: Assertion, place: string) => Expectation;

/** What can be imported, by promptfoo's name. Theirs mind the case of letters where ours do not, so that those become patterns. */
const conversions: Readonly<Record<string, Convert>> = {
  equals: ({ value }, place) => ({ equals: textOf(value, place) }),
  contains: ({ value }, place) => ({ matches: [quoted(textOf(value, place))] }),
  'not-contains': ({ value }, place) => ({ notMatches: [quoted(textOf(value, place))] }),
  'contains-all': ({ value }, place) => ({ matches: textsOf(value, place).map(quoted) }),
  'contains-any': ({ value }, place) => ({ matches: [textsOf(value, place).map(quoted).join('|')] }),
  icontains: ({ value }, place) => ({ contains: [textOf(value, place)] }),
  'not-icontains': ({ value }, place) => ({ notContains: [textOf(value, place)] }),
  'icontains-all': ({ value }, place) => ({ contains: textsOf(value, place) }),
  'starts-with': ({ value }, place) => ({ matches: [`^${quoted(textOf(value, place))}`] }),
  regex: ({ value }, place) => ({ matches: [textOf(value, place)] }),
  'not-regex': ({ value }, place) => ({ notMatches: [textOf(value, place)] }),
  'is-json': ({ value }, place) => ({ jsonSchema: value === undefined ? {} : schemaOf(value, place) }),
  'is-refusal': () => ({ mustRefuse: {} }),
  similar: ({ value, threshold = 0.75 }, place) => ({ similarTo: { texts: typeof value === 'string' ? [value] : textsOf(value, place), atLeast: numberOf(threshold, place) } }),
  'llm-rubric': ({ value }, place) => ({ judge: { rubric: textOf(value, place), repeats: 1 } }),
  latency: ({ threshold }, place) => ({ maxLatency: `${Math.floor(numberOf(threshold, place))}ms` }),
  cost: ({ threshold }, place) => ({ maxCostDollars: numberOf(threshold, place) }),
};

/** To leave out what one of the others asks for would make it milder. */
const withThreshold: ReadonlySet<string> = new Set(['similar', 'latency', 'cost']);

/** All assertions of a test as one expectation. Throws SuiteError for one that cannot be imported, by its name and with what to do. */
export function expectationOf(assertions: readonly Assertion[], place: string): Expectation {
  return assertions.reduce<Expectation>((whole, assertion) => merged(whole, converted(assertion, place), place), {});
}

function converted(assertion: Assertion, place: string): Expectation {
  const convert = Object.hasOwn(conversions, assertion.type) ? conversions[assertion.type] : undefined;
  if (convert === undefined) throw new SuiteError(place, `the assertion "${assertion.type}" cannot be imported; use one of ${Object.keys(conversions).join(', ')}, or write the case as an EvalSuite`);
  const at = `${place}, assertion "${assertion.type}"`;
  if (assertion.threshold !== undefined && !withThreshold.has(assertion.type)) throw new SuiteError(at, 'has a threshold, which cannot be imported here: remove it, and say in the value what is asked for');
  return convert(assertion, at);
}

/** Lists grow; of all else there can be one. */
function merged(whole: Expectation, part: Expectation, place: string): Expectation {
  const result: Record<string, unknown> = { ...whole };
  for (const [key, value] of Object.entries(part)) {
    const known = result[key];
    if (known !== undefined && !(Array.isArray(known) && Array.isArray(value))) throw new SuiteError(place, `two assertions become expect.${key}, of which a case has one; split the test in two`);
    result[key] = Array.isArray(known) ? [...(known as unknown[]), ...(value as unknown[])] : value;
  }
  return result;
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '' && !value.startsWith('file://')) return value;
  if (typeof value === 'number') return String(value);
  throw new SuiteError(place, 'needs a text as value; files and functions cannot be imported');
}

function textsOf(value: unknown, place: string): string[] {
  if (Array.isArray(value) && value.length > 0) return value.map((each) => textOf(each, place));
  throw new SuiteError(place, 'needs a list of texts as value');
}

function schemaOf(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new SuiteError(place, 'needs a JSON schema as value, written out; files cannot be imported');
}

function numberOf(value: unknown, place: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new SuiteError(place, 'needs a number as threshold');
}

/** A pattern of RE2 for exactly this text. */
function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, (character) => `\\${character}`);
}

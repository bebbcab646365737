import { durationMilliseconds, durationPattern, type EvalCase } from '@sluice/crds';

interface CaseRule {
  readonly isBroken: (evalCase: EvalCase) => boolean;
  readonly says: string;
}

/** What the API server checks by CEL, for cases that it never sees: one rule for each there is for a case. */
export const caseRules: readonly CaseRule[] = [
  { isBroken: ({ name }) => !isLabel(name), says: "name must consist of lower-case letters, digits and '-', and begin and end with a letter or digit" },
  { isBroken: ({ tags = [] }) => !tags.every(isLabel), says: "tags must consist of lower-case letters, digits and '-', and begin and end with a letter or digit" },
  { isBroken: ({ weight = 1 }) => !(weight >= 0.01 && weight <= 100), says: 'weight must be between 0.01 and 100, for example 2; to leave a case out, remove it' },
  { isBroken: ({ expect }) => Object.values(expect).every((member) => member === undefined), says: 'expect needs contains, notContains or another expectation; a case that expects nothing would always pass' },
  { isBroken: ({ expect: { tools } }) => tools !== undefined && tools.called === undefined && tools.notCalled === undefined, says: 'expect.tools needs called, notCalled or both; name the tools' },
  { isBroken: ({ expect: { mustCite } }) => (mustCite?.atLeast ?? 0) > (mustCite?.sources?.length ?? Infinity), says: 'expect.mustCite.atLeast asks for more sources than expect.mustCite.sources names; lower it or name more' },
  { isBroken: ({ expect: { judge } }) => judge !== undefined && judge.repeats % 2 === 0, says: 'expect.judge.repeats must be odd, so that a majority exists; write for example 3' },
  { isBroken: ({ expect: { maxLatency } }) => maxLatency !== undefined && !isDuration(maxLatency), says: 'expect.maxLatency must be a duration between 1ms and 30m in h, m, s and ms, for example "1ms"' },
  { isBroken: ({ expect: { jsonPath = [] } }) => !jsonPath.every(({ path }) => path.startsWith('$')), says: 'expect.jsonPath[].path must be a JSONPath of RFC 9535, for example "$.order.status"' },
  { isBroken: ({ toolStubs = [] }) => !toolStubs.every(({ result, error }) => (result === undefined) !== (error === undefined)), says: 'toolStubs[] needs exactly one of result and error' },
];

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const longestLatencyMs = 30 * 60_000;

function isLabel(text: string): boolean {
  return label.test(text);
}

function isDuration(text: string): boolean {
  if (!durationPattern.test(text)) return false;
  const milliseconds = durationMilliseconds(text);
  return milliseconds >= 1 && milliseconds <= longestLatencyMs;
}

/** The first rule that a case breaks, in a sentence. */
export function brokenRule(evalCase: EvalCase): string | undefined {
  return caseRules.find(({ isBroken }) => isBroken(evalCase))?.says;
}

import type { CaseOutcome } from '../runner/case-outcome.ts';
import type { ComparisonVerdict } from '../verdict/paired-comparison.ts';

export interface ReportedVerdict {
  readonly verdict: ComparisonVerdict;
  /** One sentence each. */
  readonly messages: readonly string[];
}

type Ending = { readonly kind: 'Passed' } | { readonly kind: 'Failed' | 'Errored'; readonly type: string; readonly message: string };

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly ending: Ending;
}

/** The name of the test case that stands for the verdict; no case of a suite has it, since it holds a blank. */
const verdictName = 'verdict of the suite';

/**
 * A run as JUnit XML, as CI systems read it: one test case for each case, and one for the verdict, where there is one, so that
 * neither a suite that is too small nor a mean that fell looks like a pass. A case without a result is an error, never a pass.
 * Questions and answers are not in it.
 */
export function junitReport(suiteName: string, outcomes: readonly CaseOutcome[], verdict?: ReportedVerdict): string {
  const cases = [...outcomes.map(testCaseOf), ...(verdict === undefined ? [] : [verdictCase(verdict)])];
  const count = (kind: Ending['kind']): number => cases.filter(({ ending }) => ending.kind === kind).length;
  const time = cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  const counts = `tests="${cases.length}" failures="${count('Failed')}" errors="${count('Errored')}" time="${time}"`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites ${counts}>`, `  <testsuite name="${escaped(suiteName)}" ${counts}>`, ...cases.map((each) => element(suiteName, each)), '  </testsuite>', '</testsuites>', ''].join('\n');
}

function testCaseOf({ name, verdict, reason, hard, latencyMs = 0 }: CaseOutcome): TestCase {
  return { name, seconds: latencyMs / 1000, ending: verdict === 'Passed' ? { kind: 'Passed' } : { kind: verdict, type: hard ? 'hard' : 'soft', message: reason } };
}

function verdictCase({ verdict, messages }: ReportedVerdict): TestCase {
  return { name: verdictName, seconds: 0, ending: verdict === 'Pass' ? { kind: 'Passed' } : { kind: verdict === 'Fail' ? 'Failed' : 'Errored', type: verdict, message: messages.join('; ') } };
}

function element(suiteName: string, { name, seconds, ending }: TestCase): string {
  const open = `    <testcase classname="${escaped(suiteName)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  if (ending.kind === 'Passed') return `${open}/>`;
  return `${open}><${ending.kind === 'Failed' ? 'failure' : 'error'} type="${ending.type}" message="${escaped(ending.message)}"/></testcase>`;
}

/** XML 1.0 cannot hold most control characters and halves of surrogate pairs at all, not even escaped. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

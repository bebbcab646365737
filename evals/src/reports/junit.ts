import type { CaseOutcome } from '../runner/case-outcome.ts';

/**
 * A run as JUnit XML, as CI systems read it: one test case for each case. A case without a result is an error, never a pass.
 * Questions and answers are not in it.
 */
export function junitReport(suiteName: string, outcomes: readonly CaseOutcome[]): string {
  const count = (verdict: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === verdict).length;
  const seconds = outcomes.reduce((sum, { latencyMs = 0 }) => sum + latencyMs, 0) / 1000;
  const counts = `tests="${outcomes.length}" failures="${count('Failed')}" errors="${count('Errored')}" time="${seconds.toFixed(3)}"`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites ${counts}>`, `  <testsuite name="${escaped(suiteName)}" ${counts}>`, ...outcomes.map((outcome) => testCase(suiteName, outcome)), '  </testsuite>', '</testsuites>', ''].join('\n');
}

function testCase(suiteName: string, { name, verdict, reason, hard, latencyMs = 0 }: CaseOutcome): string {
  const open = `    <testcase classname="${escaped(suiteName)}" name="${escaped(name)}" time="${(latencyMs / 1000).toFixed(3)}"`;
  if (verdict === 'Passed') return `${open}/>`;
  const element = verdict === 'Failed' ? 'failure' : 'error';
  return `${open}><${element} type="${hard ? 'hard' : 'soft'}" message="${escaped(reason)}"/></testcase>`;
}

/** XML 1.0 cannot hold most control characters and halves of surrogate pairs at all, not even escaped. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

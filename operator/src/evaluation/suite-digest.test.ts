import { expect, test } from 'vitest';
import { suiteDigest } from './suite-digest.ts';
import { sampleSuite } from './testing/sample-run.ts';

test('is the same for the same suite, whatever the order of its fields', () => {
  const { caseTimeout, concurrency, cases } = sampleSuite;
  expect(suiteDigest({ caseTimeout, concurrency, cases })).toBe(suiteDigest(sampleSuite));
  expect(suiteDigest(sampleSuite)).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test.each([
  ['the timeout', { ...sampleSuite, caseTimeout: '61s' }],
  ['a case', { ...sampleSuite, cases: [{ ...sampleSuite.cases[0]!, hard: true }, sampleSuite.cases[1]!] }],
  ['the order of cases', { ...sampleSuite, cases: sampleSuite.cases.toReversed() }],
])('changes with %s', (_, changed) => {
  expect(suiteDigest(changed)).not.toBe(suiteDigest(sampleSuite));
});

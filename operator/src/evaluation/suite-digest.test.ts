import { expect, test } from 'vitest';
import { suiteDigest } from './suite-digest.ts';
import { sampleSuite } from './testing/sample-run.ts';

test('is the same for the same suite, whatever the order of its fields', () => {
  const { caseTimeout, concurrency, cases } = sampleSuite;
  expect(suiteDigest({ caseTimeout, concurrency, cases })).toBe(suiteDigest(sampleSuite));
  expect(suiteDigest(sampleSuite)).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test('is the same whether the defaults of the cases are written out, as an older CRD does, or not', () => {
  const expectation = { judge: { rubric: 'good' }, mustCite: {}, similarTo: { texts: ['t'] } };
  const whole = { judge: { rubric: 'good', repeats: 1 }, mustCite: { atLeast: 1 }, similarTo: { texts: ['t'], atLeast: 0.8 } };
  const { caseTimeout, concurrency } = sampleSuite;
  const written = { caseTimeout, concurrency, cases: [{ name: 'a', input: { text: 'a' }, expect: expectation }] };
  const stored = { caseTimeout, concurrency, cases: [{ name: 'a', input: { text: 'a' }, expect: whole, hard: false }] };
  expect(suiteDigest(written)).toBe(suiteDigest(stored));
  // As it was before the API server left them out: no suite is run anew for it.
  expect(suiteDigest(written)).toBe('sha256:288e700a8e0f26b9cc0f48e24dc4537527603d6e292be570676b067827aeeeb1');
});

test.each([
  ['the timeout', { ...sampleSuite, caseTimeout: '61s' }],
  ['a case', { ...sampleSuite, cases: [{ ...sampleSuite.cases[0]!, hard: true }, sampleSuite.cases[1]!] }],
  ['the order of cases', { ...sampleSuite, cases: sampleSuite.cases.toReversed() }],
])('changes with %s', (_, changed) => {
  expect(suiteDigest(changed)).not.toBe(suiteDigest(sampleSuite));
});

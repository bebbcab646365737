import { expect, test } from 'vitest';
import { applySkipRule, summaryLines, totalLine, type TierOutcome } from './summary.ts';
import { NOTHING } from './tier.ts';

const OUTCOMES: readonly TierOutcome[] = [
  { title: 'types', seconds: 4, result: { ...NOTHING, passed: 1 } },
  { title: 'unit tests', seconds: 61.25, result: { ...NOTHING, passed: 1200, failed: 2, remarks: ['a.test.ts: adds'], longest: [{ name: 'a.test.ts', seconds: 12.34 }] } },
  { title: 'e2e', seconds: 0, result: { ...NOTHING, skipped: 1, remarks: ['skipped: not root'] } },
];

test('the last line counts over all tiers and says nothing else', () => {
  expect(totalLine(OUTCOMES)).toBe('1201 passed, 2 failed');
  expect(totalLine([])).toBe('0 passed, 0 failed');
});

test('tiers, the longest parts and what failed, a line each', () => {
  expect(summaryLines(OUTCOMES)).toEqual([
    'Where the time goes: 65.3 s in all',
    '  types           1 passed    0 failed      4.0 s',
    '  unit tests   1200 passed    2 failed     61.3 s',
    '  e2e             0 passed    0 failed      0.0 s  1 SKIPPED',
    '',
    'The longest parts',
    '     12.3 s  unit tests: a.test.ts',
    '',
    'What failed or was skipped',
    '  unit tests: a.test.ts: adds',
    '  e2e: skipped: not root',
  ]);
});

test('in CI what was skipped has failed; elsewhere it is told', () => {
  const skipped = { ...NOTHING, passed: 3, skipped: 2, remarks: ['b'] };
  expect(applySkipRule(skipped, 'skips fail')).toEqual({ ...NOTHING, passed: 3, failed: 2, remarks: ['b', 'with CI=true nothing may be skipped'] });
  expect(applySkipRule(skipped, 'skips are told')).toEqual(skipped);
  expect(applySkipRule({ ...NOTHING, passed: 3 }, 'skips fail')).toEqual({ ...NOTHING, passed: 3 });
});

import type { EvalReport } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeEvalRun, type JudgedSuite } from './eval-verdict.ts';

const suiteOf = (cases: number, hard: readonly string[] = []): JudgedSuite =>
  ({ name: 'golden', cases: Array.from({ length: cases }, (_, index) => ({ name: `case-${index}`, hard: hard.includes(`case-${index}`) })) });
const failure = (name: string, hard = false) => ({ name, hard, reason: 'expected the answer to contain "30 days"', outcome: 'Failed' as const });
const noAnswer = (name: string, hard = false) => ({ name, hard, reason: 'no answer', outcome: 'NoAnswer' as const });
const report = (passed: number, failed: number, errored: number, failures: EvalReport['failures'] = []): EvalReport =>
  ({ total: passed + failed + errored, passed, failed, errored, failures });

type Row = [what: string, report: EvalReport, minPassPercent: number, suite: JudgedSuite, verdict: string, message: string];
const rows: Row[] = [
  ['all passed', report(4, 0, 0), 100, suiteOf(4), 'Pass', 'suite "golden": 4 of 4 cases passed, 100 % needed'],
  ['one failed', report(3, 1, 0, [failure('refund-window')]), 100, suiteOf(4), 'Fail',
    'suite "golden": 3 of 4 cases passed, 100 % needed; failed: refund-window (expected the answer to contain "30 days")'],
  ['enough passed', report(3, 1, 0, [failure('case-0')]), 75, suiteOf(4), 'Pass',
    'suite "golden": 3 of 4 cases passed, 75 % needed; failed: case-0 (expected the answer to contain "30 days")'],
  ['a third, as it is written', report(1, 2, 0), 33.3, suiteOf(3), 'Pass', 'suite "golden": 1 of 3 cases passed, 33.3 % needed'],
  ['enough by weight', { ...report(1, 1, 0), weights: { passed: 3, failed: 1, errored: 0 } }, 75, suiteOf(2), 'Pass', 'suite "golden": 1 of 2 cases passed (75 % by weight), 75 % needed'],
  ['too few by weight', { ...report(3, 1, 0), weights: { passed: 3, failed: 3, errored: 0 } }, 75, suiteOf(4), 'Fail', 'suite "golden": 3 of 4 cases passed (50 % by weight), 75 % needed'],
  ['a heavy case without an answer', { ...report(3, 0, 1, [noAnswer('case-0')]), weights: { passed: 3, failed: 0, errored: 3 } }, 75, suiteOf(4), 'NotMeasured',
    'suite "golden": 3 of 4 cases passed (50 % by weight), 75 % needed; 1 case has no result, which could change the verdict; not passed: case-0 (no answer)'],
  ['weights of nothing', { ...report(0, 4, 0), weights: { passed: 0, failed: 0, errored: 0 } }, 75, suiteOf(4), 'NotMeasured', 'suite "golden": the report contradicts itself: its weights are not those of its cases'],
  ['a hard case failed', report(3, 1, 0, [failure('case-1')]), 50, suiteOf(4, ['case-1']), 'Fail',
    'suite "golden": 3 of 4 cases passed, 50 % needed and no hard case may fail, but case-1 did; failed: case-1 (expected the answer to contain "30 days")'],
  ['the report says that it was hard', report(3, 1, 0, [failure('case-1', true)]), 50, suiteOf(4), 'Fail',
    'suite "golden": 3 of 4 cases passed, 50 % needed and no hard case may fail, but case-1 did; failed: case-1 (expected the answer to contain "30 days")'],
  ['more failures than a sentence holds', report(0, 6, 0, ['a', 'b', 'c', 'd'].map((name) => ({ ...failure(name), reason: 'x' }))), 100, suiteOf(6), 'Fail',
    'suite "golden": 0 of 6 cases passed, 100 % needed; failed: a (x), b (x), c (x) and 3 more'],
  ['no cases', report(0, 0, 0), 0, suiteOf(0), 'NotMeasured', 'suite "golden": it has no cases, so nothing was measured'],
  ['an empty report', report(0, 0, 0), 0, suiteOf(4), 'NotMeasured', 'suite "golden": it has no cases, so nothing was measured'],
  ['a report that does not add up', { ...report(3, 1, 0), total: 9 }, 50, suiteOf(9), 'NotMeasured',
    'suite "golden": the report contradicts itself: 3 passed, 1 failed and 0 without an answer are not 9 cases'],
  ['a report of fewer cases', report(3, 0, 0), 50, suiteOf(4), 'NotMeasured', 'suite "golden": the report is about 3 cases, but the suite has 4'],
  ['no result at all', report(0, 0, 4), 0, suiteOf(4), 'NotMeasured', "suite \"golden\": none of 4 cases has a result; check the model provider and the agent's limits"],
  ['no result at all, for one cause', report(0, 0, 4, [noAnswer('case-0'), noAnswer('case-1')]), 0, suiteOf(4), 'NotMeasured', 'suite "golden": none of 4 cases has a result: no answer'],
  ['an error that could change the verdict', report(3, 0, 1), 100, suiteOf(4), 'NotMeasured',
    'suite "golden": 3 of 4 cases passed, 100 % needed; 1 case has no result, which could change the verdict'],
  ['errors, but too many failed already', report(1, 2, 1), 75, suiteOf(4), 'Fail',
    'suite "golden": 1 of 4 cases passed, 75 % needed; 1 case has no result'],
  ['errors, but enough passed already', report(3, 0, 2), 60, suiteOf(5), 'Pass',
    'suite "golden": 3 of 5 cases passed, 60 % needed; 2 cases have no result'],
  ['enough passed, but a hard case may be without an answer', report(3, 0, 2, [noAnswer('case-0')]), 60, suiteOf(5, ['case-4']), 'NotMeasured',
    'suite "golden": 3 of 5 cases passed, 60 % needed; 2 cases have no result, which could change the verdict; not passed: case-0 (no answer) and 1 more'],
  ['enough passed, and no hard case is among those without an answer', report(3, 0, 2, [noAnswer('case-0'), noAnswer('case-1')]), 60, suiteOf(5, ['case-4']), 'Pass',
    'suite "golden": 3 of 5 cases passed, 60 % needed; 2 cases have no result; not passed: case-0 (no answer), case-1 (no answer)'],
  ['a hard case failed, whatever has no result', report(1, 1, 3, [failure('case-0', true), noAnswer('case-1', true)]), 20, suiteOf(5), 'Fail',
    'suite "golden": 1 of 5 cases passed, 20 % needed and no hard case may fail, but case-0 did; 3 cases have no result; not passed: case-0 (expected the answer to contain "30 days"), case-1 (no answer) and 2 more'],
  ['a hard case without an answer beside a failed one that is not hard', report(3, 1, 1, [failure('case-1'), noAnswer('case-0', true)]), 50, suiteOf(5), 'NotMeasured',
    'suite "golden": 3 of 5 cases passed, 50 % needed; 1 case has no result, which could change the verdict; not passed: case-1 (expected the answer to contain "30 days"), case-0 (no answer)'],
];

describe('judgeEvalRun', () => {
  test.each(rows)('%s', (_, seen, minPassPercent, suite, verdict, message) => {
    expect(judgeEvalRun(seen, { minPassPercent }, suite)).toEqual({ verdict, message });
  });

  const counts = fc.record({ passed: fc.nat(20), failed: fc.nat(20), errored: fc.nat(20) });
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  const judge = ({ passed, failed, errored }: { passed: number; failed: number; errored: number }, minPassPercent: number, hard: readonly string[] = []) =>
    judgeEvalRun(report(passed, failed, errored), { minPassPercent }, suiteOf(passed + failed + errored, hard)).verdict;

  test('the answers that are missing cannot change a Pass or a Fail', () => {
    fc.assert(
      fc.property(counts, percent, fc.nat(20), ({ passed, failed, errored }, minPassPercent, good) => {
        const before = judge({ passed, failed, errored }, minPassPercent);
        const late = Math.min(good, errored);
        const after = judge({ passed: passed + late, failed: failed + errored - late, errored: 0 }, minPassPercent);
        if (before !== 'NotMeasured') expect(after).toBe(before);
      }),
    );
  });

  test('a pass that fails instead never makes the verdict better', () => {
    const rank = { Fail: 0, NotMeasured: 1, Inconclusive: 1, Pass: 2 };
    fc.assert(
      fc.property(counts, percent, ({ passed, failed, errored }, minPassPercent) => {
        const before = judge({ passed: passed + 1, failed, errored }, minPassPercent);
        const after = judge({ passed, failed: failed + 1, errored }, minPassPercent);
        expect(rank[after]).toBeLessThanOrEqual(rank[before]);
      }),
    );
  });
});

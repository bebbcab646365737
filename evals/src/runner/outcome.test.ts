import * as fc from 'fast-check';
import { evalReport } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { createReport, maximumReportBytes } from '../reports/eval-report.ts';
import { caseOutcome, type CaseOutcome } from './case-outcome.ts';
import { progressLine } from './progress.ts';
import type { SampleResult } from './sample-result.ts';

type Verdict = SampleResult['verdict'];

function sample(verdict: Verdict, hard: boolean, repeat = 1): SampleResult {
  const score = verdict === 'Pass' ? { score: 1 } : verdict === 'Fail' ? { score: 0 } : {};
  return { case: 'a', repeat, digest: 'd', verdict, ...score, reason: verdict === 'Pass' ? '' : `why ${verdict}`, hard, weight: 1, tags: [] };
}

const of = (verdicts: readonly [Verdict, ...Verdict[]], hard = false) => {
  const [first, ...more] = verdicts;
  return caseOutcome([sample(first, hard), ...more.map((verdict, index) => sample(verdict, hard, index + 2))]);
};

describe('what the repeats of a case come to', () => {
  it.each([
    [['Pass'], 'Passed', 'Passed'],
    [['Fail'], 'Failed', 'Failed'],
    [['NoAnswer'], 'Errored', 'Errored'],
    [['NotMeasured'], 'Errored', 'Errored'],
    [['Pass', 'Pass', 'Fail'], 'Passed', 'Failed'],
    [['Pass', 'Fail'], 'Failed', 'Failed'],
    [['Pass', 'Pass', 'NoAnswer'], 'Passed', 'Errored'],
    [['Pass', 'Fail', 'NoAnswer'], 'Errored', 'Failed'],
    [['Fail', 'Fail', 'NoAnswer'], 'Failed', 'Failed'],
    [['Pass', 'NotMeasured', 'NoAnswer'], 'Errored', 'Errored'],
  ] as const)('%j: %s, of a hard case %s', (verdicts, soft, hard) => {
    expect(of([...verdicts]).verdict).toBe(soft);
    expect(of([...verdicts], true).verdict).toBe(hard);
  });

  it('an errored case could go both ways, a decided one could not', () => {
    const verdict = fc.constantFrom<Verdict>('Pass', 'Fail', 'NoAnswer', 'NotMeasured');
    fc.assert(
      fc.property(fc.tuple(verdict, fc.array(verdict, { maxLength: 6 })), fc.boolean(), ([first, more], hard) => {
        const filled = (with_: Verdict) => of([first, ...more].map((each) => (each === 'Pass' || each === 'Fail' ? each : with_)) as [Verdict, ...Verdict[]], hard).verdict;
        const { verdict: outcome } = of([first, ...more], hard);
        if (outcome === 'Errored') expect([filled('Pass'), filled('Fail')]).toEqual(['Passed', 'Failed']);
        else expect([filled('Pass'), filled('Fail')]).toEqual([outcome, outcome]);
      }),
    );
  });

  it('says why, how well and whether it is flaky', () => {
    expect(of(['Pass', 'Fail', 'Fail'])).toMatchObject({ reason: 'why Fail', score: 1 / 3, flaky: true });
    expect(of(['Pass', 'NoAnswer', 'NotMeasured'])).toMatchObject({ score: 1, unscored: 2 / 3 });
    expect(of(['Pass', 'Fail'])).not.toHaveProperty('unscored');
    expect(of(['NoAnswer'])).toMatchObject({ reason: 'why NoAnswer', score: undefined, flaky: false });
  });
});

describe('createReport', () => {
  const outcome = (name: string, hard: boolean, verdict: CaseOutcome['verdict'], reason = `why ${name}`): CaseOutcome => ({ ...of(['Pass'], hard), name, verdict, reason });

  it('counts every case and tells failures before cases without an answer, hard ones first', () => {
    const outcomes = [outcome('d', false, 'Errored'), outcome('c', true, 'Errored'), outcome('p', false, 'Passed'), outcome('b', false, 'Failed'), outcome('a', true, 'Failed'), outcome('a2', true, 'Failed')];
    const report = createReport(outcomes);
    expect(report).toMatchObject({ total: 6, passed: 1, failed: 3, errored: 2 });
    expect(report.failures.map(({ name, outcome: kind }) => [name, kind])).toEqual([['a', 'Failed'], ['a2', 'Failed'], ['b', 'Failed'], ['c', 'NoAnswer'], ['d', 'NoAnswer']]);
  });

  it('weighs the cases where they do not count the same', () => {
    expect(createReport([{ ...outcome('a', false, 'Passed'), weight: 2 }, outcome('b', false, 'Failed'), { ...outcome('c', false, 'Errored'), weight: 0.5 }])).toMatchObject({ weights: { passed: 2, failed: 1, errored: 0.5 } });
    expect(createReport([outcome('a', false, 'Passed'), outcome('b', false, 'Failed')])).not.toHaveProperty('weights');
  });

  it('tells a hard failure whatever else did not pass', () => {
    const errors = Array.from({ length: 30 }, (_value, index) => outcome(`e-${index}`, true, 'Errored'));
    expect(createReport([...errors, outcome('refund', true, 'Failed', '\u0000'.repeat(600))]).failures[0]).toMatchObject({ name: 'refund', outcome: 'Failed' });
  });

  it('fits into a termination message and counts right, whatever the failures are', () => {
    const anyText = fc.array(fc.nat(0xffff), { maxLength: 600 }).map((units) => String.fromCharCode(...units));
    const any = fc.tuple(fc.string({ minLength: 1, maxLength: 63 }), fc.boolean(), fc.constantFrom<CaseOutcome['verdict']>('Passed', 'Failed', 'Errored'), anyText);
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (parts) => {
        const report = createReport(parts.map(([name, hard, verdict, reason]) => outcome(name, hard, verdict, reason)));
        expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThanOrEqual(maximumReportBytes);
        expect(evalReport.safeParse(report).success).toBe(true);
        expect(report.passed + report.failed + report.errored).toBe(parts.length);
      }),
    );
  });
});

it.each([
  [{ done: 312, failed: 2, errored: 0, resumed: 0, elapsedMs: 66_400 }, '312/500, 2 failed, 40 s left'],
  [{ done: 400, failed: 0, errored: 3, resumed: 390, elapsedMs: 60_000 }, '400/500, 0 failed, 3 errored, 10 min left'],
  [{ done: 500, failed: 0, errored: 0, resumed: 0, elapsedMs: 1 }, '500/500, 0 failed'],
  [{ done: 1, failed: 0, errored: 0, resumed: 1, elapsedMs: 1 }, '1/500, 0 failed'],
  [{ done: 1, failed: 0, errored: 0, resumed: 0, elapsedMs: 60_000 }, '1/500, 0 failed, 8 h left'],
])('%j is told as "%s"', (progress, line) => {
  expect(progressLine({ total: 500, ...progress })).toBe(line);
});

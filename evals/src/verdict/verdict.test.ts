import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseOutcome } from '../runner/case-outcome.ts';
import { sampleKey } from '../runner/sample-key.ts';
import type { SampleResult } from '../runner/sample-result.ts';
import { hardViolations, violationBound } from './hard-violations.ts';
import { outcomesOf } from './outcomes-of-results.ts';
import { pairCases } from './paired-cases.ts';
import { comparePaired, neededCases } from './paired-comparison.ts';
import { judgeSuite } from './suite-verdict.ts';

function outcome(index: number, score: number | undefined, changes: Partial<CaseOutcome> = {}): CaseOutcome {
  const verdict = score === undefined ? 'Errored' : score > 0.5 ? 'Passed' : 'Failed';
  return { name: `c-${index}`, digest: 'd', hard: false, weight: 1, tags: [], verdict, reason: verdict === 'Passed' ? '' : 'why', score, flaky: false, latencyMs: 1, ...changes };
}

/** `count` cases of which the first `failing` fail. */
const suite = (count: number, failing = 0, changes: Partial<CaseOutcome> = {}) => Array.from({ length: count }, (_value, index) => outcome(index, index < failing ? 0 : 1, changes));

const pairs = (differences: readonly (number | undefined)[]) => differences.map((difference, index) => ({ name: `c-${index}`, weight: 1, difference }));
const policy = { margin: 0.1, alpha: 0.05 };

describe('the paired comparison', () => {
  it.each([
    [100, 0, 'Pass'],
    [100, 2, 'Pass'],
    [100, 6, 'Fail'],
    [40, 1, 'Pass'],
    [40, 2, 'Inconclusive'],
  ] as const)('%d cases, %d of them worse: %s', (count, worse, verdict) => {
    expect(comparePaired(pairs(Array.from({ length: count }, (_value, index) => (index < worse ? -1 : 0))), policy).verdict).toBe(verdict);
  });

  it.each([
    [0.1, 0.05, 29],
    [0.05, 0.05, 59],
    [0.03, 0.05, 100],
    [0.02, 0.05, 149],
  ])('a margin of %f at %f needs %d cases', (margin, alpha, count) => {
    expect(neededCases({ margin, alpha })).toBe(count);
    const refused = comparePaired(pairs(Array.from({ length: count - 1 }, () => 0)), { margin, alpha });
    expect(refused).toMatchObject({ verdict: 'NotMeasured', message: expect.stringContaining(`add cases until there are ${count}`) });
  });

  it('says its numbers', () => {
    expect(comparePaired(pairs(Array.from({ length: 98 }, () => 0)), policy).message).toMatch(/^not worse than the baseline by the margin: over 98 cases the score differs by \+0\.0 points \(95 % bounds -[0-9.]+ and \+[0-9.]+\), allowed is a drop of 10$/);
  });

  it('decides nothing by what is missing', () => {
    const difference = fc.option(fc.constantFrom(-1, -0.5, 0, 0.5, 1), { nil: undefined });
    fc.assert(
      fc.property(fc.array(difference, { minLength: 29, maxLength: 80 }), (differences) => {
        const { verdict } = comparePaired(pairs(differences), policy);
        const filled = (filler: number) => comparePaired(pairs(differences.map((each) => each ?? filler)), policy).verdict;
        if (verdict === 'Pass') expect(filled(-1)).toBe('Pass');
        if (verdict === 'Fail') expect(filled(1)).toBe('Fail');
        if (verdict === 'Inconclusive') expect(differences).not.toContain(undefined);
      }),
    );
  });

  it('takes what the other repeats came to for no score of a case: one that hangs in two of three has shown a third at most', () => {
    const baseline = suite(100);
    const partly = (unscored: number) => suite(100).map((each) => ({ ...each, unscored }));
    expect(comparePaired(pairCases(partly(2 / 3), baseline), policy)).toMatchObject({ verdict: 'NotMeasured', message: expect.stringContaining('100 of them have no score on one side, or not of every repeat') });
    expect(comparePaired(pairCases(baseline, partly(2 / 3)), policy).verdict).toBe('Pass');
    expect(comparePaired(pairCases(suite(100, 100).map((each) => ({ ...each, unscored: 1 / 3 })), baseline), policy).verdict).toBe('Fail');
    // Few enough to decide nothing.
    expect(comparePaired(pairCases([...partly(1 / 3).slice(0, 5), ...baseline.slice(5)], baseline), policy).verdict).toBe('Pass');
  });

  it('weights count, and equal ones do not', () => {
    const differences = Array.from({ length: 60 }, (_value, index) => (index === 0 ? -1 : 0));
    const weigh = (weight: (index: number) => number) => comparePaired(pairs(differences).map((each, index) => ({ ...each, weight: weight(index) })), policy);
    expect(weigh(() => 3)).toEqual(weigh(() => 1));
    expect(weigh(() => 1).verdict).toBe('Pass');
    expect(weigh((index) => (index === 0 ? 20 : 1)).verdict).toBe('Inconclusive');
  });
});

describe('hard violations', () => {
  it('of the baseline too are preexisting, unless the case is another one', () => {
    const canary = [outcome(0, 0, { hard: true }), outcome(1, 0, { hard: true }), outcome(2, 0)];
    const baseline = [outcome(0, 0, { hard: true }), outcome(1, 0, { hard: true, digest: 'other' }), outcome(2, 0)];
    expect(hardViolations(canary, baseline).map(({ name, preexisting }) => [name, preexisting])).toEqual([['c-0', true], ['c-1', false]]);
  });

  it.each([
    [0, 150, '0 of 150 means a rate of at most 2.0 % (with 95 % confidence)'],
    [0, 1, '0 of 1 means a rate of at most 95.0 % (with 95 % confidence)'],
    [3, 3, '3 of 3 means a rate of at most 100.0 % (with 95 % confidence)'],
  ])('%d of %d', (violations, cases, sentence) => {
    expect(violationBound(violations, cases)).toBe(sentence);
  });
});

describe('the verdict on a suite', () => {
  const good = suite(100);

  it.each([
    ['alike', good, good, 'Pass'],
    ['many worse', suite(100, 30), good, 'Fail'],
    ['no case', [], [], 'NotMeasured'],
    ['no baseline', good, [], 'NotMeasured'],
    ['too few cases', suite(10), suite(10), 'NotMeasured'],
    ['one hard violation', [outcome(0, 0, { hard: true }), ...good.slice(1)], good, 'Fail'],
    ['one hard violation of too few cases', [outcome(0, 0, { hard: true })], [outcome(0, 1, { hard: true })], 'Fail'],
    ['a baseline of zero', good, suite(100, 100), 'NotMeasured'],
    ['a baseline of zero, and a hard violation', [outcome(0, 0, { hard: true }), ...good.slice(1)], suite(100, 100), 'Fail'],
    ['a hard case without a result', [outcome(0, undefined, { hard: true }), ...good.slice(1)], good, 'NotMeasured'],
  ] as const)('%s', (_title, canary, baseline, verdict) => {
    expect(judgeSuite(canary, baseline).verdict).toBe(verdict);
  });

  it('says why a baseline of zero decides nothing', () => {
    expect(judgeSuite(good, suite(100, 100)).messages[0]).toContain('the baseline fails all 100 cases that it was measured on');
  });

  it('allows what was there before only where the policy says so', () => {
    const broken = [outcome(0, 0, { hard: true }), ...good.slice(1)];
    expect(judgeSuite(broken, broken)).toMatchObject({ verdict: 'Fail', messages: expect.arrayContaining([expect.stringContaining('c-0 (why; preexisting: the baseline fails it too)')]) });
    expect(judgeSuite(broken, broken, { ...policy, preexisting: 'Allow' })).toMatchObject({ verdict: 'Pass', messages: expect.arrayContaining(['preexisting in the baseline: c-0']) });
  });

  it('prints the bound of the hard cases', () => {
    expect(judgeSuite(suite(150, 0, { hard: true }), suite(150, 0, { hard: true })).messages).toContain('hard cases: 0 of 150 means a rate of at most 2.0 % (with 95 % confidence)');
  });

  it('is the same again from the results log, whatever the order of its lines', () => {
    const results = Array.from({ length: 90 }, (_value, index): SampleResult => {
      const verdict = index % 10 === 0 ? 'Fail' : 'Pass';
      return { case: `c-${index % 30}`, repeat: Math.floor(index / 30) + 1, digest: 'd', verdict, score: verdict === 'Pass' ? 1 : 0, reason: '', hard: false, weight: 1, tags: [] };
    });
    const log = (lines: readonly SampleResult[]) => outcomesOf(new Map(lines.map((each) => [sampleKey(each), each])));
    expect(log(results)).toHaveLength(30);
    expect(judgeSuite(log(results.toReversed()), log(results)).verdict).toBe(judgeSuite(log(results), log(results)).verdict);
  });
});

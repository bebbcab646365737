import type { Objective, ReleaseStatus, Sample } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { judgeObjective, staleAfterMs } from './judge.ts';

type Evidence = NonNullable<ReleaseStatus['evidence']>;
const now = 1_800_000_000_000;

const successRate = fc.record({ minPercent: fc.double({ min: 0, max: 100, noNaN: true }), maxDropPoints: fc.double({ min: 0, max: 100, noNaN: true }) }, { requiredKeys: [] });
const latency = fc
  .record({ maxMilliseconds: fc.integer({ min: 1, max: 5000 }), maxIncreasePercent: fc.double({ min: 0, max: 500, noNaN: true }) }, { requiredKeys: [] })
  .chain((bounds) => fc.constantFrom(50, 90, 95, 99, 99.9).map((percentile) => ({ percentile, ...bounds })));
const minRequests = fc.integer({ min: 1, max: 60 });
const objective: fc.Arbitrary<Objective> = fc.oneof(
  fc.record({ name: fc.constant('o'), minRequests, successRate }),
  fc.record({ name: fc.constant('o'), minRequests, latency }),
);

const edges = [0.05, 0.1, 0.5, 1, 2, 5];
const sample: fc.Arbitrary<Sample> = fc.tuple(fc.array(fc.nat(40), { minLength: 7, maxLength: 7 }), fc.nat(100)).map(([perBucket, share]) => {
  let count = 0;
  const latencyBuckets = perBucket.map((more, index) => ({ le: edges[index] ?? -1, count: (count += more) }));
  return { requests: count, bad: Math.floor((count * share) / 100), latencyBuckets };
});
const evidence: fc.Arbitrary<Evidence> = fc.record({ stable: sample, canary: sample }).map((both) => ({
  since: isoTime(now - 60_000), lastScrapeAt: isoTime(now - 1000), missedScrapes: 0, ...both,
}));

const empty: Sample = { requests: 0, bad: 0, latencyBuckets: [] };
const verdictOf = (rule: Objective, seen: Evidence | undefined, at = now) => judgeObjective(rule, seen, at).verdict;

/** `more` further requests that fail after more than the largest edge. */
function withBadRequests(canary: Sample, more: number): Sample {
  const latencyBuckets = canary.latencyBuckets.map(({ le, count }) => ({ le, count: le === -1 ? count + more : count }));
  return { requests: canary.requests + more, bad: canary.bad + more, latencyBuckets };
}

describe('whatever the objective and the evidence', () => {
  test('no data never passes and never fails', () => {
    fc.assert(
      fc.property(objective, evidence, (rule, seen) => {
        expect(verdictOf(rule, undefined)).toBe('NotMeasured');
        expect(verdictOf(rule, { ...seen, canary: empty })).toBe('NotMeasured');
        expect(verdictOf(rule, seen, now + staleAfterMs)).toBe('NotMeasured');
      }),
    );
  });

  test('fewer requests than needed decide nothing', () => {
    fc.assert(
      fc.property(objective, evidence, fc.integer({ min: 1, max: 1000 }), (rule, seen, more) => {
        expect(verdictOf({ ...rule, minRequests: seen.canary.requests + more }, seen)).toBe('NotMeasured');
      }),
    );
  });

  test('a comparison without the stable revision never passes', () => {
    fc.assert(
      fc.property(objective, evidence, (rule, seen) => {
        const compares = rule.successRate?.maxDropPoints !== undefined || rule.latency?.maxIncreasePercent !== undefined;
        const verdict = verdictOf(rule, { ...seen, stable: empty });
        const before = verdictOf(rule, seen);
        if (compares || before === 'NotMeasured') expect(verdict).not.toBe('Pass');
        else expect(verdict).toBe(before);
      }),
    );
  });

  test('further bad requests never turn a Fail into anything else, nor anything else into a Pass', () => {
    fc.assert(
      fc.property(objective, evidence, fc.integer({ min: 1, max: 50 }), (rule, seen, more) => {
        const before = verdictOf(rule, seen);
        const after = verdictOf(rule, { ...seen, canary: withBadRequests(seen.canary, more) });
        if (before === 'Fail') expect(after).toBe('Fail');
        // The first requests that make a number large enough to judge may be bad ones, and still within a generous bound.
        else if (before === 'NotMeasured' && seen.canary.requests >= rule.minRequests) expect(after).not.toBe('Pass');
      }),
    );
  });

  test('a revision with the very counts of the stable one never fails: going back to an equally bad one helps nobody', () => {
    fc.assert(
      fc.property(objective, sample, fc.double({ min: 0, max: 1, noNaN: true }), (rule, counts, share) => {
        const both = { ...counts, providerFailures: Math.floor(counts.bad * share) };
        const seen = { since: isoTime(now), lastScrapeAt: isoTime(now), missedScrapes: 0, stable: both, canary: both };
        expect(verdictOf(rule, seen)).not.toBe('Fail');
      }),
      { numRuns: 2_000 },
    );
  });

  test('failures of the provider on the new revision alone count like any other', () => {
    fc.assert(
      fc.property(objective, evidence, (rule, seen) => {
        const { canary } = seen;
        const blamed = { ...seen, canary: { ...canary, providerFailures: canary.bad }, stable: { ...seen.stable, bad: 0, providerFailures: 0 } };
        expect(verdictOf(rule, blamed)).toBe(verdictOf(rule, { ...blamed, canary }));
      }),
    );
  });

  test('the sentence has numbers and no broken ones', () => {
    fc.assert(
      fc.property(objective, evidence, (rule, seen) => {
        const { message } = judgeObjective(rule, seen, now);
        expect(message).not.toMatch(/NaN|Infinity|undefined/);
        expect(message.length).toBeGreaterThan(10);
      }),
    );
  });

  test('the same evidence gives the same verdict', () => {
    fc.assert(
      fc.property(objective, evidence, (rule, seen) => {
        expect(judgeObjective(rule, structuredClone(seen), now)).toEqual(judgeObjective(rule, seen, now));
      }),
    );
  });
});

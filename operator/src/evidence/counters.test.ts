import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { increment } from './counters.ts';
import type { PodCounters } from './pod-counters.ts';
import { addSamples, emptySample } from './sample.ts';

interface Life {
  readonly success: number;
  readonly error: number;
  readonly rejected?: number;
  readonly processStart?: number;
}

/** Every request takes 0.1 s when it succeeds and 5 s when it does not. */
function counters({ success, error, rejected = 0, processStart }: Life): PodCounters {
  return {
    processStart,
    outcomes: { success, degraded: 0, error, timeout: 0, overloaded: 0, rejected, cancelled: 0 },
    buckets: [{ le: 0.1, count: success }, { le: 5, count: success + error }, { le: Infinity, count: success + error }],
  };
}

const sample = (success: number, bad: number) => ({
  requests: success + bad,
  bad,
  latencyBuckets: [{ le: 0.1, count: success }, { le: 5, count: success + bad }, { le: -1, count: success + bad }],
});

describe('increment', () => {
  test.each([
    ['the difference of two scrapes', counters({ success: 10, error: 1 }), counters({ success: 13, error: 2 }), sample(3, 1)],
    ['nothing when nothing happened', counters({ success: 10, error: 1 }), counters({ success: 10, error: 1 }), sample(0, 0)],
    ['the whole value after a reset', counters({ success: 10, error: 1 }), counters({ success: 4, error: 0 }), sample(4, 0)],
    ['the whole value when one counter alone shows the reset', counters({ success: 1, error: 5 }), counters({ success: 8, error: 2 }), sample(8, 2)],
    ['the whole value when only the process start shows it', counters({ success: 2, error: 0, processStart: 1 }), counters({ success: 9, error: 0, processStart: 2 }), sample(9, 0)],
    ['the difference when one scrape lacks the process start', counters({ success: 2, error: 0 }), counters({ success: 9, error: 0, processStart: 2 }), sample(7, 0)],
  ])('is %s', (_, previous, current, expected) => {
    expect(increment(previous, current, 'baseline')).toEqual(expected);
  });

  test('a pod at first sight only sets its baseline, or counts from 0', () => {
    expect(increment(undefined, counters({ success: 5, error: 2 }), 'baseline')).toEqual(sample(0, 0));
    expect(increment(undefined, counters({ success: 5, error: 2 }), 'from-zero')).toEqual(sample(5, 2));
  });

  test('every outcome that we owe an answer for counts, the caller\'s own do not', () => {
    const outcomes = { success: 1, degraded: 2, error: 4, timeout: 8, overloaded: 16, rejected: 32, cancelled: 64 };
    expect(increment(undefined, { processStart: undefined, outcomes, buckets: [] }, 'from-zero')).toEqual({ requests: 31, bad: 30, latencyBuckets: [] });
  });

  test('failures of the provider are counted like the rest, and never more than there are bad requests', () => {
    const provider = (error: number, providerFailures: number | undefined) => ({ ...counters({ success: 10, error }), providerFailures });
    expect(increment(provider(4, 2), provider(9, 5), 'baseline')).toMatchObject({ bad: 5, providerFailures: 3 });
    expect(increment(provider(4, 2), provider(4, 1), 'baseline')).toMatchObject({ requests: 14, providerFailures: 1 });
    expect(increment(undefined, provider(2, 3), 'from-zero')).toMatchObject({ bad: 2, providerFailures: 2 });
    expect(increment(provider(4, undefined), provider(9, undefined), 'baseline')).not.toHaveProperty('providerFailures');
  });

  test('the sum of costs goes with its buckets: from 0 after a reset, and not known where a reading has none', () => {
    const costs = (count: number, costDollars?: number): PodCounters => ({ ...counters({ success: count, error: 0 }), costBuckets: [{ le: 0.01, count }, { le: Infinity, count }], ...(costDollars === undefined ? {} : { costDollars }) });
    expect(increment(costs(10, 0.5), costs(14, 0.75), 'baseline')).toMatchObject({ costDollars: 0.25, costBuckets: [{ le: 0.01, count: 4 }, { le: -1, count: 4 }] });
    expect(increment(costs(10, 0.5), costs(4, 0.2), 'baseline').costDollars).toBe(0.2);
    expect(increment(undefined, costs(4, 0.2), 'baseline').costDollars).toBe(0);
    expect(increment(undefined, costs(4, 0.2), 'from-zero').costDollars).toBe(0.2);
    expect(increment(counters({ success: 0, error: 0 }), costs(4, 0.2), 'baseline').costDollars).toBe(0.2);
    for (const [before, now] of [[costs(10), costs(14, 0.7)], [costs(10, 0.5), costs(14)]] as const) expect(increment(before, now, 'baseline')).not.toHaveProperty('costDollars');
  });

  test('a cancelled request is no request of a rate, but its time is in the buckets', () => {
    const outcomes = { ...counters({ success: 50, error: 0 }).outcomes, cancelled: 50 };
    const buckets = [{ le: 0.1, count: 50 }, { le: 5, count: 50 }, { le: Infinity, count: 100 }];
    expect(increment(undefined, { processStart: 1, outcomes, buckets }, 'from-zero')).toEqual({
      requests: 50, bad: 0, latencyBuckets: [{ le: 0.1, count: 50 }, { le: 5, count: 50 }, { le: -1, count: 100 }],
    });
  });

});

type Event = { readonly kind: 'requests'; readonly success: number; readonly error: number } | { readonly kind: 'scrape' } | { readonly kind: 'restart' };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('requests' as const), success: fc.nat(20), error: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'scrape' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** Plays the events to a process and to the counters; what a process did after its last scrape is nowhere to be read. */
function play(events: readonly Event[], start: 'said' | 'unsaid') {
  let life = { success: 0, error: 0, processStart: 1 };
  let unseen = { success: 0, error: 0 };
  let truth = { success: 0, error: 0 };
  let previous: PodCounters | undefined;
  let total = emptySample;
  for (const each of events) {
    if (each.kind === 'requests') {
      life = { ...life, success: life.success + each.success, error: life.error + each.error };
      unseen = { success: unseen.success + each.success, error: unseen.error + each.error };
    } else if (each.kind === 'restart') {
      life = { success: 0, error: 0, processStart: life.processStart + 1 };
      unseen = { success: 0, error: 0 };
    } else {
      const { processStart, ...counts } = life;
      const current = counters(start === 'said' ? { ...counts, processStart } : counts);
      if (previous !== undefined) truth = { success: truth.success + unseen.success, error: truth.error + unseen.error };
      total = addSamples(total, increment(previous, current, 'baseline'));
      previous = current;
      unseen = { success: 0, error: 0 };
    }
  }
  return { total, truth };
}

describe('over any schedule of scrapes and restarts', () => {
  test('the increments add up to what happened since the baseline and could be read', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { total, truth } = play(events, 'said');
        expect(total.requests).toBe(truth.success + truth.error);
        expect(total.bad).toBe(truth.error);
        expect(total.latencyBuckets.at(-1)?.count ?? 0).toBe(total.requests);
      }),
    );
  });

  test('without the process start nothing is ever counted twice', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { total, truth } = play(events, 'unsaid');
        expect(total.requests).toBeLessThanOrEqual(truth.success + truth.error);
        expect(total.bad).toBeLessThanOrEqual(truth.error);
      }),
    );
  });

  test('without restarts the process start is not needed', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { total, truth } = play(events.filter((each) => each.kind !== 'restart'), 'unsaid');
        expect([total.requests, total.bad]).toEqual([truth.success + truth.error, truth.error]);
      }),
    );
  });
});

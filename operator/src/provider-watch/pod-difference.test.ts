import { expect, it } from 'vitest';
import { countsBetween, type PodTally, tallyOf } from './pod-difference.ts';

const tally = (changes: Partial<PodTally>): PodTally => ({ processStart: 1_000, requests: 100, providerFailures: 4, circuit: 'Closed', ...changes });
const before = new Map([['a', tally({})], ['b', tally({})]]);

it.each<readonly [string, ReadonlyMap<string, PodTally>, object]>([
  ['both have counted on', new Map([['a', tally({ requests: 120, providerFailures: 5 })], ['b', tally({ requests: 130, providerFailures: 4, circuit: 'Open' })]]), { pods: 2, circuitsOpen: 1, requests: 50, providerFailures: 1 }],
  ['one began anew', new Map([['a', tally({ processStart: 2_000, requests: 300 })], ['b', tally({ requests: 101 })]]), { pods: 2, circuitsOpen: 0, requests: 1, providerFailures: 0 }],
  ['one counts less than before, and does not say when it began', new Map([['a', tally({ processStart: undefined, requests: 9 })]]), { pods: 1, circuitsOpen: 0, requests: 0, providerFailures: 0 }],
  ['one is new', new Map([['c', tally({ circuit: 'Open' })]]), { pods: 1, circuitsOpen: 1, requests: 0, providerFailures: 0 }],
  ['none was read', new Map(), { pods: 0, circuitsOpen: 0, requests: 0, providerFailures: 0 }],
])('%s', (_title, after, counts) => {
  expect(countsBetween(before, after)).toEqual(counts);
});

it('counts what somebody is owed an answer for', () => {
  const outcomes = { success: 1, degraded: 2, error: 4, timeout: 8, overloaded: 16, rejected: 32, cancelled: 64 };
  expect(tallyOf({ processStart: 5, outcomes, buckets: [] })).toEqual({ processStart: 5, requests: 31, providerFailures: 0, circuit: 'Closed' });
  expect(tallyOf({ processStart: 5, outcomes, buckets: [], providerFailures: 3, circuit: 'Open' })).toMatchObject({ providerFailures: 3, circuit: 'Open' });
});

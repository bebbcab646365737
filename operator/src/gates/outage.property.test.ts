import type { RecentEvidence } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { everydayShare, judgeOutage, outageOver, type OutageVerdict } from './outage.ts';

const now = 1_800_000_000_000;
type Counts = RecentEvidence['stable'];

const share = fc.double({ min: 0, max: 1, noNaN: true });
const counts: fc.Arbitrary<Counts> = fc.tuple(fc.nat(500), share, share, fc.nat(12), share).map(([requests, badShare, providerShare, pods, open]) => {
  const bad = Math.floor(requests * badShare);
  return { requests, bad, providerFailures: Math.floor(bad * providerShare), pods, circuitsOpen: Math.floor(pods * open) };
});
/** Served as on an ordinary day: fewer than half of the circuits are open, and the provider fails on few requests. */
const served: fc.Arbitrary<Counts> = counts.map((some) => ({ ...some, circuitsOpen: Math.floor(Math.max(0, some.pods - 1) / 2), providerFailures: Math.min(some.providerFailures ?? 0, Math.floor(everydayShare * some.requests)) }));
const recentOf = (stable: Counts, canary: Counts, seconds = 30): RecentEvidence => ({ since: isoTime(now - seconds * 1000), until: isoTime(now), stable, canary });
const recent = fc.tuple(counts, counts, fc.nat(30)).map(([stable, canary, seconds]) => recentOf(stable, canary, seconds));
const outage: OutageVerdict = { kind: 'ProviderOutage', message: 'out' };

describe('whatever was seen', () => {
  test('what only the new revision suffers is never an outage', () => {
    fc.assert(fc.property(served, counts, (stable, canary) => {
      expect(judgeOutage(recentOf(stable, canary), now)).toEqual({ kind: 'None' });
    }), { numRuns: 2_000 });
  });

  test('more failures of the new revision never turn an outage into none', () => {
    fc.assert(fc.property(recent, fc.nat(50), (seen, more) => {
      const { canary } = seen;
      const worse = { ...canary, requests: canary.requests + more, bad: canary.bad + more, providerFailures: (canary.providerFailures ?? 0) + more };
      if (judgeOutage(seen, now).kind === 'ProviderOutage') expect(judgeOutage({ ...seen, canary: worse }, now).kind).toBe('ProviderOutage');
    }), { numRuns: 2_000 });
  });

  test('what is over would not begin: a hold and its end cannot take turns over the same evidence', () => {
    fc.assert(fc.property(recent, (seen) => {
      if (outageOver(seen, now)) expect(judgeOutage(seen, now)).toEqual({ kind: 'None' });
      expect(judgeOutage(seen, now, outage).kind === 'None').toBe(outageOver(seen, now));
    }), { numRuns: 2_000 });
  });

  test('the sentence has numbers and no broken ones, and the same evidence gives the same verdict', () => {
    fc.assert(fc.property(recent, fc.option(fc.constant(outage), { nil: undefined }), (seen, previous) => {
      const verdict = judgeOutage(seen, now, previous);
      expect(judgeOutage(structuredClone(seen), now, previous)).toEqual(verdict);
      if (verdict.kind === 'ProviderOutage') expect(verdict.message).not.toMatch(/NaN|Infinity|undefined/);
    }));
  });
});

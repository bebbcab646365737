import type { Evidence, GateMeasure, Sample } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../evidence/clock-time.ts';
import { blockOf } from './block-of.ts';

const begin = Date.parse('2026-11-22T10:00:00.000Z');
const success: GateMeasure = { metric: 'success', objective: 'success', kind: 'Requests' };
const slow: GateMeasure = { metric: 'p95', objective: 'p95', kind: 'Latency', edge: 0.5 };
const tools: GateMeasure = { metric: 'tools', objective: 'tools', kind: 'Events' };
const cost: GateMeasure = { metric: 'cost', objective: 'cost', kind: 'Cost', edges: [0.1, 1] };
const still = { weightSince: begin, weight: 20 };

function sample(requests: number, bad = 0, more: Partial<Sample> = {}): Sample {
  return { requests, bad, latencyBuckets: [], ...more };
}

function evidence(seconds: number, stable: Sample, canary: Sample, since = begin): Evidence {
  return { since: isoTime(since), lastScrapeAt: isoTime(begin + seconds * 1000), missedScrapes: 0, stable, canary };
}

function blockBetween(before: Evidence | undefined, now: Evidence, measures: readonly GateMeasure[] = [success]) {
  return blockOf({ now, before, measures, intervalMs: 15_000, lookedAt: Date.parse(now.lastScrapeAt ?? now.since) }, still);
}

describe('a block of evidence', () => {
  test('closes at the first look an interval after the one before, whatever it counts', () => {
    const before = evidence(15, sample(100), sample(10));
    for (const counts of [sample(100), sample(10_000, 9_000)]) {
      expect(blockBetween(before, evidence(29, counts, counts))).toBeUndefined();
      expect(blockBetween(before, evidence(30, counts, counts))).toBeDefined();
    }
  });

  test('is what was counted since the one before', () => {
    const block = blockBetween(evidence(15, sample(100, 3), sample(10, 1)), evidence(30, sample(180, 4), sample(20, 1)));
    expect(block).toMatchObject({ since: begin + 15_000, at: begin + 30_000, metrics: { success: { xc: 0, nc: 10, xs: 1, ns: 80 } } });
  });

  test('has the part of the ready pods only where that is another than the weight', () => {
    const of = (share: number | undefined) => blockOf({ now: evidence(15, sample(100), sample(10)), before: undefined, measures: [success], intervalMs: 15_000, lookedAt: begin + 15_000 }, { ...still, share });
    expect([undefined, 20, 33].map((share) => of(share)?.share)).toEqual([undefined, undefined, 33]);
  });

  test('missing scrapes make it longer, and lose and invent nothing', () => {
    const read = evidence(15, sample(100), sample(10));
    // As old as the pod that has not been read for longest: no block closes meanwhile.
    expect(blockBetween(read, evidence(15, sample(500, 9), sample(50)))).toBeUndefined();
    expect(blockBetween(read, evidence(75, sample(900, 9), sample(90, 2)))).toMatchObject({ since: begin + 15_000, metrics: { success: { xc: 2, nc: 80, xs: 9, ns: 800 } } });
  });

  test('does not close at the first look of a process, which has counted nothing yet, but at its second, however long it was away', () => {
    const before = evidence(15, sample(100), sample(10));
    const look = (seconds: number, counts: Sample) => blockOf({ now: evidence(seconds, counts, counts), before, countsFrom: begin + 40_000, measures: [success], intervalMs: 15_000, lookedAt: begin + seconds * 1000 }, still);
    expect(look(40, sample(100))).toBeUndefined();
    expect(look(43, sample(112))).toMatchObject({ since: begin + 15_000, at: begin + 43_000, metrics: { success: { nc: 102, ns: 12 } } });
  });

  test('says so where another process, or window, has counted since the one before: nobody knows what came between', () => {
    const look = (countsFrom: number | undefined, closedAt: number | undefined) => blockOf({ now: evidence(60, sample(90), sample(9)), before: evidence(15, sample(10), sample(1)), countsFrom, closedAt, measures: [success], intervalMs: 15_000, lookedAt: begin + 60_000 }, still);
    expect(look(begin + 40_000, begin + 15_000)).toMatchObject({ counting: 'Anew' });
    expect(look(begin, begin + 15_000)).not.toHaveProperty('counting');
    expect(look(begin + 40_000, undefined)).not.toHaveProperty('counting');
  });

  test('without a pod that cannot be read closes after four intervals, as one that lacks it', () => {
    const read = evidence(15, sample(100), sample(10));
    const unread = (missedScrapes: number): Evidence => ({ ...evidence(15, sample(500, 9), sample(50, 2)), missedScrapes });
    const look = (seconds: number, now: Evidence, closedAt = begin + 15_000) => blockOf({ now, before: read, closedAt, measures: [success], intervalMs: 15_000, lookedAt: begin + seconds * 1000 }, still);
    expect(look(74, unread(3))).toBeUndefined();
    expect(look(75, unread(3))).toMatchObject({ completeness: 'Partial', at: begin + 75_000, metrics: { success: { xc: 2, nc: 40, xs: 9, ns: 400 } } });
    expect(look(76, unread(3), begin + 75_000)).toBeUndefined();
    // Read, only long ago, as by a Prometheus that scrapes each minute: nothing is missing yet.
    expect(look(75, unread(0))).toBeUndefined();
    // What closes it counts from when all had been read.
    expect(look(78, { ...evidence(78, sample(600, 12), sample(60, 3)), missedScrapes: 3 }, begin + 75_000)).toMatchObject({ completeness: 'Complete', since: begin + 15_000, at: begin + 78_000 });
  });

  test('totals of a window that was given up do not count', () => {
    const now = evidence(60, sample(40, 1), sample(4), begin + 30_000);
    expect(blockBetween(evidence(15, sample(900, 800), sample(90, 80)), now)).toMatchObject({ since: begin + 30_000, metrics: { success: { xc: 0, nc: 4, xs: 1, ns: 40 } } });
  });

  test.each<[string, Sample]>([
    ['NaN', sample(Number.NaN)],
    ['totals that fell', sample(5)],
    ['more bad than there are', sample(20, 90)],
  ])('%s is no measurement', (_, canary) => {
    expect(blockBetween(evidence(15, sample(100), sample(10)), evidence(30, sample(200), canary))?.metrics).toEqual({});
  });

  test('slow is what lies above the frozen edge, with cancelled requests', () => {
    const buckets = (fast: number, all: number) => ({ latencyBuckets: [{ le: 0.5, count: fast }, { le: 2, count: all }, { le: -1, count: all }] });
    const block = blockBetween(evidence(15, sample(10, 0, buckets(8, 10)), sample(1, 0, buckets(1, 1))), evidence(30, sample(30, 0, buckets(27, 31)), sample(3, 0, buckets(1, 4))), [slow]);
    expect(block?.metrics).toEqual({ p95: { xc: 3, nc: 3, xs: 2, ns: 21 } });
  });

  test('two revisions with other edges are compared at one that both have', () => {
    const stable = sample(30, 0, { latencyBuckets: [{ le: 0.5, count: 20 }, { le: 1, count: 25 }, { le: 2, count: 28 }, { le: -1, count: 30 }] });
    const canary = sample(6, 0, { latencyBuckets: [{ le: 0.25, count: 2 }, { le: 1, count: 4 }, { le: 2, count: 5 }, { le: -1, count: 6 }] });
    expect(blockBetween(undefined, evidence(30, stable, canary), [slow])?.metrics).toEqual({ p95: { xc: 2, nc: 6, xs: 5, ns: 30 } });
  });

  test('a latency without a usable histogram is no measurement', () => {
    expect(blockBetween(undefined, evidence(30, sample(30), sample(3)), [slow])?.metrics).toEqual({});
    expect(blockBetween(undefined, evidence(30, sample(30), sample(3)), [{ metric: 'p95', objective: 'p95', kind: 'Latency' }])?.metrics).toEqual({});
  });

  test('events are counted by the name of their objective; a revision without requests has none', () => {
    const counts = (bad: number, total: number) => ({ counts: [{ name: 'tools', bad, total }] });
    expect(blockBetween(undefined, evidence(30, sample(30, 0, counts(2, 50)), sample(0)), [tools])?.metrics).toEqual({ tools: { xc: 0, nc: 0, xs: 2, ns: 50 } });
    expect(blockBetween(undefined, evidence(30, sample(30), sample(3)), [tools])?.metrics).toEqual({});
  });

  test('costs are requests by bucket', () => {
    const costs = (...counts: number[]) => ({ costBuckets: [0.1, 1, -1].map((le, index) => ({ le, count: counts[index] ?? 0 })) });
    const block = blockBetween(evidence(15, sample(9, 0, costs(5, 8, 9)), sample(1, 0, costs(1, 1, 1))), evidence(30, sample(20, 0, costs(10, 18, 20)), sample(4, 0, costs(1, 3, 4))), [cost]);
    expect(block?.metrics).toEqual({ cost: { countsCanary: [0, 2, 1], countsStable: [5, 5, 1] } });
  });

  test('costs of a runtime without some of the edges are in the next bucket that it tells apart, and it is said which edges it has not', () => {
    const wide: GateMeasure = { ...cost, edges: [0.1, 0.5, 1, 2] };
    const buckets = (edges: readonly number[], ...counts: number[]) => ({ costBuckets: [...edges, -1].map((le, index) => ({ le, count: counts[index] ?? 0 })) });
    const all = [0.1, 0.5, 1, 2];
    const of = (canary: Sample, before = sample(0)) => blockBetween(evidence(15, sample(10, 0, buckets(all, 1, 2, 3, 4, 10)), before), evidence(30, sample(20, 0, buckets(all, 2, 4, 6, 8, 20)), canary), [wide])?.metrics['cost'];
    expect(of(sample(9, 0, buckets([0.1, 1], 2, 6, 9)))).toEqual({ countsCanary: [2, 0, 4, 0, 3], countsStable: [1, 1, 1, 1, 6], lackingCanary: [1, 3] });
    expect(of(sample(9, 0, buckets([0.1, 1], 2, 6, 9)), sample(4, 0, buckets(all, 1, 2, 3, 3, 4)))).toEqual({ countsCanary: [1, 0, 2, 0, 2], countsStable: [1, 1, 1, 1, 6], lackingCanary: [1, 3] });
    // Edges that were not known before are not known of the difference.
    expect(of(sample(9, 0, buckets(all, 2, 4, 6, 7, 9)), sample(4, 0, buckets([0.1, 1, 2], 1, 3, 3, 4)))).toMatchObject({ countsCanary: [1, 0, 2, 1, 1], lackingCanary: [1] });
    expect(of(sample(9, 0, buckets([0.2, 0.7], 2, 6, 9)))).toBeUndefined();
  });

  test('costs have their exact sum where it was known before, too', () => {
    const costs = (count: number, costDollars?: number) => sample(count, 0, { costBuckets: [0.1, 1, -1].map((le) => ({ le, count })), ...(costDollars === undefined ? {} : { costDollars }) });
    const of = (before: [Sample, Sample], now: [Sample, Sample]) => blockBetween(evidence(15, ...before), evidence(30, ...now), [cost])?.metrics['cost'];
    expect(of([costs(9, 0.31), sample(0)], [costs(20, 0.72), costs(4, 0.2)])).toEqual({ countsCanary: [4, 0, 0], countsStable: [11, 0, 0], dollarsCanary: 0.2, dollarsStable: 0.41 });
    // An operator before this one kept no sum: what came then is in the totals, and not in any sum.
    expect(of([costs(9), sample(0)], [costs(20), costs(4, 0.2)])).toEqual({ countsCanary: [4, 0, 0], countsStable: [11, 0, 0], dollarsCanary: 0.2 });
    expect(of([costs(9), costs(1)], [costs(20, 0.41), costs(4, 0.2)])).not.toHaveProperty('dollarsStable');
  });
});

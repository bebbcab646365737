import { describe, expect, test } from 'vitest';
import { isoTime } from './clock-time.ts';
import type { Evidence } from './evidence-source.ts';
import type { PodCounters } from './pod-counters.ts';
import { EvidenceWindow, type PodScrape } from './window.ts';

const since = 1_700_000_000_000;
const target = (uid: string, startedAt = since - 60_000) => ({ uid, ip: '127.0.0.1', port: 1, startedAt });

function read(uid: string, success: number, options: { error?: number; startedAt?: number; circuit?: 'Open' } = {}): PodScrape {
  const outcomes = { success, degraded: 0, error: options.error ?? 0, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 };
  const counters: PodCounters = { processStart: undefined, outcomes, buckets: [], providerFailures: options.error ?? 0, circuit: options.circuit ?? 'Closed' };
  return { target: target(uid, options.startedAt), counters };
}
const missed = (uid: string): PodScrape => ({ target: target(uid), counters: undefined });
const open = (options: { previous?: Evidence; now?: number; maxPods?: number } = {}) =>
  new EvidenceWindow({ since, previous: options.previous, now: options.now ?? since, maxPods: options.maxPods ?? 100 });
const totals = (evidence: Evidence) => [evidence.stable.requests, evidence.canary.requests];

describe('a window', () => {
  test('counts from the first look on, and pods of its own time from 0', () => {
    const window = open();
    expect(totals(window.add({ stable: [read('s', 100)], canary: [read('c', 3, { startedAt: since + 1000 })] }, since + 2000))).toEqual([0, 3]);
    expect(totals(window.add({ stable: [read('s', 110)], canary: [read('c', 5, { startedAt: since + 1000 })] }, since + 4000))).toEqual([10, 5]);
  });

  test('a missed scrape is counted, and its requests come with the next good one', () => {
    const window = open();
    window.add({ stable: [read('s', 10)], canary: [read('c', 10)] }, since + 1000);
    const gap = window.add({ stable: [read('s', 12)], canary: [missed('c')] }, since + 2000);
    expect([...totals(gap), gap.missedScrapes]).toEqual([2, 0, 1]);
    const after = window.add({ stable: [read('s', 14)], canary: [read('c', 17)] }, since + 3000);
    expect([...totals(after), after.missedScrapes]).toEqual([4, 7, 1]);
  });

  test('evidence is as old as its oldest pod', () => {
    const window = open();
    const all = window.add({ stable: [read('s', 1)], canary: [read('c', 1), read('d', 1)] }, since + 1000);
    expect(all.lastScrapeAt).toBe(isoTime(since + 1000));
    const hung = window.add({ stable: [read('s', 1)], canary: [read('c', 1), missed('d')] }, since + 9000);
    expect(hung.lastScrapeAt).toBe(isoTime(since + 1000));
    const gone = window.add({ stable: [read('s', 1)], canary: [read('c', 1)] }, since + 12_000);
    expect(gone.lastScrapeAt).toBe(isoTime(since + 12_000));
  });

  test('a pod that never answers ages the evidence from its first try on', () => {
    const window = open();
    window.add({ stable: [read('s', 1)], canary: [read('c', 1), missed('new')] }, since + 1000);
    const later = window.add({ stable: [read('s', 1)], canary: [read('c', 1), missed('new')] }, since + 40_000);
    expect(later.lastScrapeAt).toBe(isoTime(since + 1000));
  });

  test('nothing that was ever read leaves the time of the last scrape unset', () => {
    expect(open().add({ stable: [missed('s')], canary: [missed('c')] }, since + 1000).lastScrapeAt).toBeUndefined();
  });

  test('no pod of the canary: the evidence does not get younger', () => {
    const window = open();
    window.add({ stable: [read('s', 1)], canary: [read('c', 1)] }, since + 1000);
    expect(window.add({ stable: [read('s', 2)], canary: [] }, since + 5000).lastScrapeAt).toBe(isoTime(since + 1000));
  });

  test('a pod on its way out counts as long as it answers, and is not missed when it does not', () => {
    const window = open();
    window.add({ stable: [read('s', 10)], canary: [read('c', 1)] }, since + 1000);
    const leaving = (scrape: PodScrape): PodScrape => ({ ...scrape, target: { ...scrape.target, state: 'Leaving' } });
    const last = window.add({ stable: [leaving(read('s', 14))], canary: [read('c', 1)] }, since + 2000);
    expect(totals(last)).toEqual([4, 0]);
    const after = window.add({ stable: [leaving(missed('s'))], canary: [read('c', 1)] }, since + 60_000);
    expect([after.missedScrapes, after.lastScrapeAt]).toEqual([0, isoTime(since + 60_000)]);
  });

  test('a pod that left and came back is not counted again', () => {
    const window = open();
    const late = { startedAt: since + 1 };
    window.add({ stable: [], canary: [read('c', 5, late)] }, since + 1000);
    window.add({ stable: [], canary: [] }, since + 2000);
    expect(totals(window.add({ stable: [], canary: [read('c', 9, late)] }, since + 3000))).toEqual([0, 9]);
  });

  test('a pod pushed out of memory is not counted again either', () => {
    const window = open({ maxPods: 1 });
    const late = { startedAt: since + 1 };
    window.add({ stable: [], canary: [read('a', 5, late)] }, since + 1000);
    window.add({ stable: [], canary: [read('b', 7, late)] }, since + 2000);
    expect(totals(window.add({ stable: [], canary: [read('a', 6, late)] }, since + 3000))).toEqual([0, 12]);
  });
});

describe('the recent counts', () => {
  test('hold what both revisions counted since the first look, and the circuits that are open now', () => {
    const window = open();
    window.add({ stable: [read('s', 100), read('t', 100)], canary: [read('c', 3, { startedAt: since + 1 })] }, since + 1000);
    const seen = window.add({ stable: [read('s', 104, { error: 6, circuit: 'Open' }), read('t', 110)], canary: [read('c', 5)] }, since + 4000);
    expect(seen.recent).toEqual({
      since: isoTime(since + 1000), until: isoTime(since + 4000),
      stable: { requests: 20, bad: 6, providerFailures: 6, pods: 2, circuitsOpen: 1 }, canary: { requests: 2, bad: 0, providerFailures: 0, pods: 1, circuitsOpen: 0 },
    });
  });

  test('leave out pods that were missed or are on their way out', () => {
    const leaving = { ...read('t', 1, { circuit: 'Open' }), target: { ...target('t'), state: 'Leaving' as const } };
    const seen = open().add({ stable: [missed('s'), leaving], canary: [read('c', 1)] }, since + 1000);
    expect(seen.recent).toMatchObject({ stable: { pods: 0, circuitsOpen: 0 }, canary: { pods: 1 } });
  });

  test('leave out what a pod counted while it could not be read for longer, but the totals do not', () => {
    const window = open();
    window.add({ stable: [read('s', 10)], canary: [read('c', 1)] }, since);
    for (let second = 3; second <= 36; second += 3) window.add({ stable: [missed('s')], canary: [read('c', 1)] }, since + second * 1000);
    const seen = window.add({ stable: [read('s', 90, { error: 20 })], canary: [read('c', 1)] }, since + 39_000);
    expect(seen.stable).toMatchObject({ requests: 100, providerFailures: 20 });
    expect(seen.recent?.stable).toMatchObject({ requests: 0, providerFailures: 0, pods: 1 });
  });

  test('begin anew in another process, whatever was persisted', () => {
    const first = open();
    first.add({ stable: [read('s', 10)], canary: [read('c', 1)] }, since);
    const previous = first.add({ stable: [read('s', 20)], canary: [read('c', 1)] }, since + 3000);
    const seen = open({ previous, now: since + 6000 }).add({ stable: [read('s', 90)], canary: [read('c', 1)] }, since + 6000);
    expect(previous.recent?.stable.requests).toBe(10);
    expect(seen.recent).toMatchObject({ since: isoTime(since + 6000), stable: { requests: 0 } });
  });
});

describe('a restart of the operator', () => {
  const previous: Evidence = {
    since: isoTime(since), lastScrapeAt: isoTime(since + 5000), missedScrapes: 2,
    stable: { requests: 40, bad: 1, latencyBuckets: [] }, canary: { requests: 10, bad: 2, latencyBuckets: [] },
  };

  test('goes on from the persisted totals and counts the gap of no pod', () => {
    const window = open({ previous, now: since + 9000 });
    const inWindow = { startedAt: since + 1000 };
    const first = window.add({ stable: [read('s', 90)], canary: [read('c', 30, inWindow)] }, since + 9000);
    expect([...totals(first), first.missedScrapes]).toEqual([40, 10, 2]);
    const second = window.add({ stable: [read('s', 95)], canary: [read('c', 33, inWindow), read('new', 4, { startedAt: since + 9500 })] }, since + 12_000);
    expect(totals(second)).toEqual([45, 17]);
    expect(second.canary.bad).toBe(2);
  });

  test('before anything was counted loses nothing', () => {
    const nothing: Evidence = { ...previous, stable: { requests: 0, bad: 0, latencyBuckets: [] }, canary: { requests: 0, bad: 0, latencyBuckets: [] } };
    const window = open({ previous: nothing, now: since + 9000 });
    expect(totals(window.add({ stable: [], canary: [read('c', 30, { startedAt: since + 1000 })] }, since + 9000))).toEqual([0, 30]);
  });

  test('totals of another window are not taken over', () => {
    const window = open({ previous: { ...previous, since: isoTime(since - 1) } });
    expect(totals(window.add({ stable: [read('s', 5)], canary: [read('c', 5)] }, since + 1000))).toEqual([0, 0]);
  });
});

describe('continues', () => {
  const window = open();
  const counted = window.add({ stable: [], canary: [read('c', 5, { startedAt: since })] }, since + 1000);

  test.each([
    ['the persisted totals are its own', counted, true],
    ['the last write of the status was lost', { ...counted, canary: { ...counted.canary, requests: 1 } }, true],
    ['nothing was persisted', undefined, true],
    ['another process has counted on', { ...counted, canary: { ...counted.canary, requests: 6 } }, false],
  ])('when %s: %s', (_, previous, expected) => {
    expect(window.continues({ since, previous })).toBe(expected);
  });

  test('not when the window begins elsewhere', () => {
    expect(window.continues({ since: since + 1, previous: undefined })).toBe(false);
  });
});

describe('what the stable pods had counted', () => {
  test('is kept as it was when they were first read, for as long as the window lasts', () => {
    const window = open();
    const first = window.add({ stable: [read('s', 90, { error: 10 }), read('t', 50)], canary: [read('c', 3, { startedAt: since })] }, since + 1000);
    expect(first.past).toMatchObject({ requests: 150, bad: 10, pods: 2, podMilliseconds: 2 * 61_000 });
    const later = window.add({ stable: [read('s', 900)], canary: [read('c', 4)] }, since + 4000);
    expect(later.past).toEqual(first.past);
    const elsewhere = open({ previous: later, now: since + 6000 }).add({ stable: [read('s', 9000)], canary: [] }, since + 6000);
    expect(elsewhere.past).toEqual(first.past);
  });

  test('is not known before one of them could be read', () => {
    const window = open();
    expect(window.add({ stable: [missed('s')], canary: [read('c', 1)] }, since + 1000)).not.toHaveProperty('past');
    expect(window.add({ stable: [read('s', 5)], canary: [read('c', 1)] }, since + 2000).past).toMatchObject({ requests: 5, pods: 1 });
  });
});

describe('what an objective counts', () => {
  const counting = (scrape: PodScrape, bad: number, total: number): PodScrape => ({ ...scrape, counters: { ...scrape.counters!, events: [{ name: 'tools', state: 'Counted', bad, total }] } });
  const absent = (scrape: PodScrape): PodScrape => ({ ...scrape, counters: { ...scrape.counters!, events: [{ name: 'tools', state: 'Absent', reason: 'there is no metric m' }] } });
  const late = { startedAt: since + 1 };

  test('is counted by revision: pods of the window from 0, others from the first look', () => {
    const window = open();
    window.add({ stable: [counting(read('s', 1), 5, 100)], canary: [counting(read('c', 1, late), 1, 4)] }, since + 1000);
    const seen = window.add({ stable: [counting(read('s', 1), 6, 120)], canary: [counting(read('c', 1, late), 3, 9)] }, since + 4000);
    expect([seen.stable.counts, seen.canary.counts]).toEqual([[{ name: 'tools', bad: 1, total: 20 }], [{ name: 'tools', bad: 3, total: 9 }]]);
  });

  test('is missing, with the reason, while a pod does not tell, and comes when it does', () => {
    const window = open();
    window.add({ stable: [], canary: [counting(read('c', 1, late), 1, 4)] }, since + 1000);
    const gap = window.add({ stable: [], canary: [absent(read('c', 2, late))] }, since + 4000);
    expect([gap.canary.counts, gap.problems]).toEqual([[{ name: 'tools', bad: 1, total: 4 }], [{ objective: 'tools', reason: 'there is no metric m' }]]);
    const after = window.add({ stable: [], canary: [counting(read('c', 3, late), 2, 9)] }, since + 7000);
    expect(after.canary.counts).toEqual([{ name: 'tools', bad: 2, total: 9 }]);
    expect(after).not.toHaveProperty('problems');
  });

  test('of a pod that is gone stays, and its last increments are lost with it', () => {
    const window = open();
    window.add({ stable: [], canary: [counting(read('c', 1, late), 1, 4), counting(read('d', 1, late), 0, 2)] }, since + 1000);
    const seen = window.add({ stable: [], canary: [counting(read('d', 1, late), 1, 5)] }, since + 4000);
    expect(seen.canary.counts).toEqual([{ name: 'tools', bad: 2, total: 9 }]);
  });

  test('why a pod was missed is said, but not of one on its way out', () => {
    const leaving = { ...missed('t'), problem: 'gone', target: { ...target('t'), state: 'Leaving' as const } };
    expect(open().add({ stable: [leaving], canary: [{ ...missed('c'), problem: 'ECONNREFUSED' }] }, since + 1000).problems).toEqual([{ reason: 'ECONNREFUSED' }]);
  });
});

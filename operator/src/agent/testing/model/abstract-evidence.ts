import type { Evidence, Release } from '@sluice/crds';
import { isoTime } from '../../../evidence/clock-time.ts';
import { windowOf } from '../../observe/window.ts';

/** How live traffic turns out. `none`: nobody asks. `stale`: the pods can't be read. `partial`: one of them can't. `outage`: the provider serves neither revision. */
export type EvidenceMood = 'good' | 'bad' | 'none' | 'stale' | 'partial' | 'outage';

/** Requests of each revision between two looks. */
const requests = 40;
const recentMs = 30_000;

/** What a scrape would add to the evidence of the release's step. */
export function scrape(release: Release | undefined, mood: EvidenceMood, now: number): Evidence | undefined {
  const previous = windowOf(release)?.previous;
  if (previous === undefined || mood === 'stale') return previous;
  const stable = counts(mood === 'outage' ? 'outage' : mood === 'none' ? 'none' : 'good');
  const canary = counts(mood);
  return {
    since: previous.since,
    // As old as the oldest pod.
    ...(mood === 'partial' ? lastScrapeOf(previous) : { lastScrapeAt: isoTime(now) }),
    missedScrapes: previous.missedScrapes,
    stable: sum(previous.stable, stable),
    canary: sum(previous.canary, canary),
    recent: { since: isoTime(now - recentMs), until: isoTime(now), stable: { ...stable, ...podsIn(mood) }, canary: { ...canary, ...podsIn(mood) } },
  };
}

function lastScrapeOf({ lastScrapeAt }: Evidence): Pick<Evidence, 'lastScrapeAt'> {
  return lastScrapeAt === undefined ? {} : { lastScrapeAt };
}

interface Counts {
  readonly requests: number;
  readonly bad: number;
  readonly providerFailures: number;
}

function counts(mood: Exclude<EvidenceMood, 'stale'>): Counts {
  switch (mood) {
    case 'good':
    case 'partial':
      return { requests, bad: 0, providerFailures: 0 };
    case 'bad':
      return { requests, bad: requests / 2, providerFailures: 0 };
    case 'outage':
      return { requests, bad: requests, providerFailures: requests };
    case 'none':
      return { requests: 0, bad: 0, providerFailures: 0 };
  }
}

function podsIn(mood: EvidenceMood): { readonly pods: number; readonly circuitsOpen: number } {
  return { pods: 2, circuitsOpen: mood === 'outage' ? 2 : 0 };
}

function sum(before: Evidence['stable'], more: Counts): Evidence['stable'] {
  return { requests: before.requests + more.requests, bad: before.bad + more.bad, providerFailures: (before.providerFailures ?? 0) + more.providerFailures, latencyBuckets: [] };
}

import { increment } from '../evidence/counters.ts';
import type { PodCounters } from '../evidence/pod-counters.ts';
import type { PodScrape } from '../evidence/window.ts';
import type { ProviderCounts } from '../gates/outage.ts';

/** What one pod has counted since its process began. */
export interface PodTally {
  readonly processStart: number | undefined;
  readonly requests: number;
  readonly providerFailures: number;
  readonly circuit: 'Open' | 'Closed';
}

/** Of all that was counted; what an objective needs besides, such as buckets, is not kept for a whole fleet. */
export function tallyOf(counters: PodCounters): PodTally {
  const { requests, providerFailures = 0 } = increment(undefined, counters, 'from-zero');
  return { processStart: counters.processStart, requests, providerFailures, circuit: counters.circuit ?? 'Closed' };
}

/** By uid of the pod. */
export type Tallies = ReadonlyMap<string, PodTally>;

/** Of the pods that could be read. */
export function talliesOf(scrapes: readonly PodScrape[]): Tallies {
  return new Map(scrapes.flatMap(({ target, counters }) => (counters === undefined ? [] : [[target.uid, tallyOf(counters)] as const])));
}

/** What the pods of the later look have counted since the earlier one. A pod that is new, or began anew, has told nothing but whether its circuit is open. */
export function countsBetween(earlier: Tallies, later: Tallies): ProviderCounts {
  let [requests, providerFailures, circuitsOpen] = [0, 0, 0];
  for (const [uid, tally] of later) {
    if (tally.circuit === 'Open') circuitsOpen += 1;
    const before = earlier.get(uid);
    if (before === undefined || before.processStart !== tally.processStart || before.requests > tally.requests || before.providerFailures > tally.providerFailures) continue;
    requests += tally.requests - before.requests;
    providerFailures += tally.providerFailures - before.providerFailures;
  }
  return { pods: later.size, circuitsOpen, requests, providerFailures };
}

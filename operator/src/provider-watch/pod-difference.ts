import type { PodCounters } from '../evidence/pod-counters.ts';
import type { ProviderCounts } from '../gates/outage.ts';

/** What one pod has counted since its process began. */
export interface PodTally {
  readonly processStart: number | undefined;
  readonly requests: number;
  readonly providerFailures: number;
  readonly circuit: 'Open' | 'Closed';
}

/** Requests that somebody is owed an answer for. */
export function tallyOf({ processStart, outcomes, providerFailures = 0, circuit = 'Closed' }: PodCounters): PodTally {
  const { success, degraded, error, timeout, overloaded } = outcomes;
  return { processStart, requests: success + degraded + error + timeout + overloaded, providerFailures, circuit };
}

/** By uid of the pod. */
export type Tallies = ReadonlyMap<string, PodTally>;

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

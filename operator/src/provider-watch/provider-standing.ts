import { isoTime, wholeSeconds } from '../evidence/clock-time.ts';
import { isCutOff, isServedFor, type ProviderCounts } from '../gates/outage.ts';

/** Whether the pods that serve reach their model provider. `Unknown`: nobody has looked, or nothing could be read. */
export type ProviderStanding = { readonly kind: 'Unknown' } | { readonly kind: 'Reached' } | { readonly kind: 'CutOff'; readonly message: string };

/** What the pods of one revision counted between two looks. */
export interface ProviderLook extends ProviderCounts {
  readonly revision: string;
  /** Name of the ModelProvider. */
  readonly provider: string;
  /** When it was looked, milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds between the looks; 0 at the first, which has counted nothing yet. */
  readonly countedMs: number;
}

/** One look that finds an outage is none: a circuit opens for ten seconds by ten calls in a row. So long after it is looked again, milliseconds. */
export const confirmAfterMs = 11_000;

/** Whether the look finds an outage that was not known, so that it has to be confirmed by another. */
export function isSuspicion(previous: ProviderStanding, look: ProviderLook): boolean {
  return previous.kind !== 'CutOff' && isCutOff(look);
}

/**
 * The standing after a look. Pure. An outage begins with a look that confirms a suspicion, and ends with one that shows 20 s without open circuit and
 * without more failures than on an ordinary day; without pods that could be read, all stays as it was.
 */
export function standingAfter(previous: ProviderStanding, look: ProviderLook): ProviderStanding {
  if (look.pods === 0) return previous;
  if (previous.kind === 'CutOff') return isServedFor(look, look.countedMs) ? { kind: 'Reached' } : previous;
  return isCutOff(look) ? { kind: 'CutOff', message: sentence(look) } : { kind: 'Reached' };
}

/** It is told once, so that an outage of all agents is one write each: numbers that go on changing are the metrics' to tell. */
function sentence({ revision, provider, at, pods, circuitsOpen, requests, providerFailures = 0, countedMs }: ProviderLook): string {
  const counted = requests === 0 ? '' : `, and of ${requests} requests in ${Math.round(countedMs / 1_000)} s ${providerFailures} failed by its fault`;
  return (
    `ModelProvider "${provider}" does not serve revision ${revision}, which has all the traffic: at ${wholeSeconds(isoTime(at))} the circuit to it was open in ${circuitsOpen} of ${pods} pods${counted}. ` +
    'No release is under way, so nothing is rolled back; look at the provider, its key and its quota'
  );
}

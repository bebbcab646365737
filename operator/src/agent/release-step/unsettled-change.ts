import type { ReleaseLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import type { PostponedRelease } from './postponed-release.ts';

/**
 * A change of which more may come: a ConfigMap and the agent that refers to it are written one after the other, and a release of the first alone is one of
 * what nobody asked for. Who has no revision that serves is not kept waiting, nor is what people ask of releases by name.
 */
export function unsettledChange({ desired, settlesAt, now }: Pick<AgentObservation, 'desired' | 'settlesAt' | 'now'>, { stableRevision, active }: Pick<ReleaseLedger, 'stableRevision' | 'active'>): PostponedRelease | undefined {
  if (settlesAt === undefined || settlesAt <= now || stableRevision === undefined || desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  return revision === stableRevision || revision === active?.spec.revision ? undefined : { revision, isToBeTold: false, requeueAfterMs: settlesAt - now };
}

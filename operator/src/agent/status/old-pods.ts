import { countOfPods } from '../../release/readiness.ts';
import type { AgentObservation } from '../observation.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

export interface OldPods {
  /** Ready ones; they take their share of the requests where pods are the ratio. */
  readonly ready: number;
  /** "2 pods of revision a1b2", absent where there are none. */
  readonly told?: string;
}

/**
 * Pods of revisions that neither serve nor are released, counted by their label: those whose Deployment is gone answer requests until the
 * garbage collector has told them to end.
 */
export function oldPods({ standing }: Pick<AgentObservation, 'standing'>, { stableRevision, active }: ReleaseLedger): OldPods {
  const old = [...standing].filter(([revision]) => revision !== stableRevision && revision !== active?.spec.revision);
  const told = old.map(([revision, { pods }]) => `${countOfPods(pods)} of revision ${revision}`).toSorted().join(', ');
  return { ready: old.reduce((sum, [, { ready }]) => sum + ready, 0), ...(told === '' ? {} : { told }) };
}

/** Ready pods of all revisions, those included that have lost their Deployment. */
export function readyPods({ revisions, standing }: Pick<AgentObservation, 'revisions' | 'standing'>): number {
  const orphans = [...standing].filter(([revision]) => !revisions.has(revision)).map(([, pods]) => pods);
  return [...revisions.values(), ...orphans].reduce((sum, { ready }) => sum + ready, 0);
}

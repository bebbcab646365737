import type { AgentObservation } from '../observation.ts';
import type { MissingSnapshot } from '../observe/pinned-content.ts';
import type { AgentPlan } from '../plan.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

/** ConfigMaps of revisions that are to be written: those of the wanted one, and those of kept ones that somebody deleted. */
export function planPins({ desired, records, pinned }: AgentObservation, expired: readonly string[]): Pick<AgentPlan, 'record' | 'restoredRecords' | 'snapshots'> {
  const kept = (revision: string): boolean => !expired.includes(revision);
  const isNew = desired.kind === 'Rendered' && !records.has(desired.record.revision);
  return {
    ...(isNew ? { record: desired.record } : {}),
    restoredRecords: (pinned?.lostRecords ?? []).filter(({ revision }) => kept(revision)),
    snapshots: (pinned?.missing ?? []).flatMap(({ snapshot, content }) => (content === undefined || !kept(snapshot.revision) ? [] : [{ snapshot, content }])),
  };
}

/** Copies that serving or released pods need and that nobody can put back. */
export function lostSnapshots({ pinned }: Pick<AgentObservation, 'pinned'>, { stableRevision, active }: ReleaseLedger): MissingSnapshot['snapshot'][] {
  const live = [stableRevision, active?.spec.revision];
  return (pinned?.missing ?? []).flatMap(({ snapshot, content }) => (content === undefined && live.includes(snapshot.revision) ? [snapshot] : []));
}

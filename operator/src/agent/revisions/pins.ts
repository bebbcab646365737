import type { AgentObservation } from '../observation.ts';
import type { MissingSnapshot } from '../observe/pinned-content.ts';
import type { AgentPlan } from '../plan.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

export interface PinTerms {
  /** Revisions whose records are to go. */
  readonly expired: readonly string[];
  /** Of the revision that the spec describes, while it may still come to another one: nothing of it is written yet. */
  readonly unsettled?: string | undefined;
}

/** ConfigMaps of revisions that are to be written: those of the wanted one, and those of kept ones that somebody deleted. */
export function planPins({ desired, records, pinned }: AgentObservation, { expired, unsettled }: PinTerms): Pick<AgentPlan, 'record' | 'restoredRecords' | 'snapshots'> {
  const kept = (revision: string): boolean => !expired.includes(revision) && (revision !== unsettled || records.has(revision));
  const isNew = desired.kind === 'Rendered' && !records.has(desired.record.revision) && desired.record.revision !== unsettled;
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

import type { Release } from '@sluice/crds';
import type { AgentObservation } from '../observation.ts';
import { isUndone, rejectionOf } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';

/** The release because of which the wanted revision is not tried (again) by itself; it stands until somebody asks to retry. */
export function standingRejection({ desired }: Pick<AgentObservation, 'desired'>, ledger: ReleaseLedger): Release | undefined {
  if (desired.kind === 'Unresolved') return undefined;
  return rejectionOf(desired.record.revision, ledger);
}

/** The release to be begun while none is on its way. */
export interface WantedRelease {
  readonly revision: string;
  readonly cause: 'SpecChanged' | 'Retry' | 'Undo';
  readonly retryOf?: Release;
}

/**
 * What the spec and the people ask for that does not serve yet. A revision that failed, was aborted or was undone is not tried again by
 * itself, whatever else changes: somebody has to ask for it by name. What was undone goes before another spec is tried over it.
 */
export function wantedRelease(observation: Pick<AgentObservation, 'desired' | 'records'>, ledger: ReleaseLedger): WantedRelease | undefined {
  return retried(observation, ledger) ?? takenBack(observation, ledger) ?? changed(observation, ledger);
}

function retried(observation: Pick<AgentObservation, 'desired'>, ledger: ReleaseLedger): WantedRelease | undefined {
  const rejection = standingRejection(observation, ledger);
  return rejection !== undefined && retryAsked(rejection, ledger) ? { revision: rejection.spec.revision, cause: 'Retry', retryOf: rejection } : undefined;
}

/** Done once. A release of it that another spec superseded has to be asked for anew; one that began again under other evaluations is still open. */
function retryAsked({ metadata, status }: Release, { all }: ReleaseLedger): boolean {
  const { verb, outcome, at = '' } = status?.handledIntent ?? {};
  if (verb !== 'Retry' || outcome !== 'Accepted') return false;
  const last = all.findLast(({ spec }) => spec.retryOf === metadata.name);
  if (last === undefined) return true;
  return last.status?.phase === 'Superseded' && (last.status.reason === 'PlanChanged' || at > (last.status.finishedAt ?? at));
}

/** What serves was undone: the revision that was named then takes its place, whatever the spec names meanwhile. */
function takenBack({ records }: Pick<AgentObservation, 'records'>, ledger: ReleaseLedger): WantedRelease | undefined {
  const { serving, stableRevision } = ledger;
  const back = serving !== undefined && isUndone(serving) ? serving.status?.undoTo : undefined;
  if (back === undefined || back === stableRevision || !records.has(back) || rejectionOf(back, ledger) !== undefined) return undefined;
  return { revision: back, cause: 'Undo' };
}

function changed({ desired }: Pick<AgentObservation, 'desired'>, ledger: ReleaseLedger): WantedRelease | undefined {
  if (desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  return revision === ledger.stableRevision || rejectionOf(revision, ledger) !== undefined ? undefined : { revision, cause: 'SpecChanged' };
}

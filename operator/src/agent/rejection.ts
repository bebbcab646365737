import type { Release } from '@sluice/crds';
import type { AgentObservation } from './observation.ts';
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
 * itself, whatever else changes: somebody has to ask for it by name.
 */
export function wantedRelease(observation: Pick<AgentObservation, 'desired' | 'records'>, ledger: ReleaseLedger): WantedRelease | undefined {
  const { desired, records } = observation;
  if (desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  const rejection = standingRejection(observation, ledger);
  if (rejection === undefined) return revision === ledger.stableRevision ? undefined : { revision, cause: 'SpecChanged' };
  if (retryAsked(rejection, ledger)) return { revision, cause: 'Retry', retryOf: rejection };
  const back = isUndone(rejection) ? rejection.status?.undoTo : undefined;
  if (back === undefined || back === ledger.stableRevision || !records.has(back) || rejectionOf(back, ledger) !== undefined) return undefined;
  return { revision: back, cause: 'Undo' };
}

function retryAsked({ metadata, status }: Release, { all }: ReleaseLedger): boolean {
  const { verb, outcome } = status?.handledIntent ?? {};
  return verb === 'Retry' && outcome === 'Accepted' && !all.some(({ spec }) => spec.retryOf === metadata.name);
}

import type { HandledIntent, Release } from '@sluice/crds';
import { isUnreadable } from '../../release/holds/spec-unreadable.ts';
import type { AgentObservation } from '../observation.ts';
import { agentDigestOf } from './agent-digest.ts';
import { isBroughtBack, isUndone, rejectionOf, takenBackWith } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';

type Asked = Pick<AgentObservation, 'agent' | 'desired'>;

/** The release because of which what the spec asks for is not tried (again) by itself; it stands until somebody asks to retry. */
export function standingRejection({ agent, desired }: Asked, ledger: ReleaseLedger): Release | undefined {
  if (desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  const rejection = rejectionOf(revision, ledger);
  return rejection !== undefined || revision === ledger.stableRevision ? rejection : takenBackWith(agentDigestOf(agent, desired.record), ledger);
}

/** The release to be begun while none is on its way. */
export interface WantedRelease {
  readonly revision: string;
  readonly cause: 'SpecChanged' | 'Retry' | 'Undo';
  readonly retryOf?: Release;
}

/**
 * What the spec and the people ask for that does not serve yet. What failed, was aborted or was undone is not tried again by itself
 * ({@link standingRejection}): somebody has to ask for it by name. What was undone goes before another spec is tried over it.
 */
export function wantedRelease(observation: Asked & Pick<AgentObservation, 'records'>, ledger: ReleaseLedger): WantedRelease | undefined {
  return retried(observation, ledger) ?? takenBack(observation, ledger) ?? changed(observation, ledger);
}

/** What the spec asks for now, also where the release that stands against it was of other inputs. */
function retried(observation: Asked, ledger: ReleaseLedger): WantedRelease | undefined {
  const rejection = standingRejection(observation, ledger);
  if (rejection === undefined || observation.desired.kind === 'Unresolved' || !retryAsked(rejection, ledger)) return undefined;
  return { revision: observation.desired.record.revision, cause: 'Retry', retryOf: rejection };
}

/** Done once. A release of it that another spec superseded has to be asked for anew; one that began again under other evaluations is still open. */
function retryAsked({ metadata, status }: Release, { all }: ReleaseLedger): boolean {
  const { verb, outcome, at = '' } = status?.handledIntent ?? {};
  if (verb !== 'Retry' || outcome !== 'Accepted') return false;
  const last = all.findLast(({ spec }) => spec.retryOf === metadata.name);
  if (last === undefined) return true;
  return last.status?.phase === 'Superseded' && (last.status.reason === 'PlanChanged' || at > (last.status.finishedAt ?? at));
}

/** A wish that was accepted and cannot be done any more. */
export interface Lapse {
  readonly release: Release;
  /** What its answer is then. */
  readonly answer: HandledIntent;
}

/**
 * A Retry is of what the spec came to when it was accepted. Where that is something else before its release begins it is done no more, or it would
 * be whenever the spec turns back, days later too: nobody remembers having asked.
 */
export function lapsedRetry(observation: Asked, ledger: ReleaseLedger): Lapse | undefined {
  const { desired } = observation;
  if (desired.kind === 'Unresolved' && !isUnreadable(desired.problem.reason)) return undefined;
  const standing = standingRejection(observation, ledger);
  const release = ledger.all.find((each) => each !== standing && retryAsked(each, ledger));
  const accepted = release?.status?.handledIntent;
  if (release === undefined || accepted === undefined) return undefined;
  const why = desired.kind === 'Unresolved' ? `the spec cannot be read any more (${desired.problem.message})` : `the spec came to revision ${desired.record.revision}`;
  return { release, answer: { ...accepted, outcome: 'Refused', message: `Retry was accepted, but before its release began ${why}, so it is not done: when the spec asks for revision ${release.spec.revision} again, ask anew` } };
}

/** What serves was undone: the revision that was named then takes its place, whatever the spec names meanwhile, also one that was undone before. */
function takenBack({ records }: Pick<AgentObservation, 'records'>, ledger: ReleaseLedger): WantedRelease | undefined {
  const { serving, stableRevision } = ledger;
  const back = serving !== undefined && isUndone(serving) ? serving.status?.undoTo : undefined;
  if (back === undefined || back === stableRevision || !records.has(back) || !isBroughtBack(back, ledger)) return undefined;
  return { revision: back, cause: 'Undo' };
}

function changed(observation: Asked, ledger: ReleaseLedger): WantedRelease | undefined {
  const { desired } = observation;
  if (desired.kind === 'Unresolved' || desired.record.revision === ledger.stableRevision) return undefined;
  return standingRejection(observation, ledger) === undefined ? { revision: desired.record.revision, cause: 'SpecChanged' } : undefined;
}

import type { Release, ReleaseStatus } from '@sluice/crds';
import { openIntent } from '../../release/intents/answer.ts';
import { advance } from '../../release/machine.ts';
import type { ReleaseDecision } from '../../release/decision.ts';
import { isTerminal } from '../../release/decision.ts';
import type { EvaluationObservation, ReleaseObservation, ReleaseRole, RevisionScale, Supersession } from '../../release/observation.ts';
import { planOf } from '../../release/plan.ts';
import { canonicalJson } from '../../revision/index.ts';
import { capacityOf } from './capacity.ts';
import { hindrancesOf, vetoOf } from './hindrances.ts';
import { longestRequestMs } from './longest-request.ts';
import type { AgentObservation } from '../observation.ts';
import { lapsedRetry, standingRejection, wantedRelease } from '../ledger/rejection.ts';
import { isBroughtBack, isUndone, returnableRevisions, undoneRevisions, wasPromoted } from '../ledger/releases.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import { trafficOf } from '../revisions/traffic.ts';

/** One step of one release: what becomes of it in this reconcile. */
export interface ReleaseStep {
  readonly release: Release;
  readonly decision: ReleaseDecision;
}

/**
 * The release that this reconcile is about, and its next status: one that has ended and is asked something, else the one on its way,
 * else the one that serves where its group takes it back.
 */
export function stepOf(observation: AgentObservation, ledger: ReleaseLedger, evaluations: readonly EvaluationObservation[]): ReleaseStep | undefined {
  const lapsed = lapsedRetry(observation, ledger);
  if (lapsed !== undefined) return { release: lapsed.release, decision: { status: { ...lapsed.release.status, handledIntent: lapsed.answer }, requeueAfterMs: 0 } };
  // That a retry was accepted is known by the latest answer only, so it is done before anything else is answered.
  if (ledger.active === undefined && wantedRelease(observation, ledger)?.cause === 'Retry') return undefined;
  const asked = ledger.all.find((release) => release !== ledger.active && openIntent(release) !== undefined);
  const unseen = asked === undefined ? ledger.all.find(isEditedAfterItsEnd) : undefined;
  if (unseen !== undefined) return { release: unseen, decision: { status: unseen.status ?? {}, requeueAfterMs: 0 } };
  const release = asked ?? ledger.active;
  if (release !== undefined) return { release, decision: advance(releaseObservation(observation, ledger, release, release === ledger.active ? evaluations : [])) };
  return takenBackByGroup(observation, ledger);
}

/** An intent was taken away from it, or has what it asks written otherwise: that is seen, or whoever waits for it by its generation waits for ever. */
function isEditedAfterItsEnd({ metadata: { generation }, status }: Release): boolean {
  return isTerminal(status?.phase) && status?.observedGeneration !== undefined && generation !== undefined && status.observedGeneration !== generation;
}

function releaseObservation(observation: AgentObservation, ledger: ReleaseLedger, release: Release, evaluations: readonly EvaluationObservation[]): ReleaseObservation {
  const { agent, now, revisions, evidence, evidenceFrom, records } = observation;
  const stable = ledger.stableRevision;
  const superseded = release === ledger.active ? supersession(observation, release) : undefined;
  const provenness = provennessOf(release, ledger);
  // What goes back to a promoted revision is what a failure asks for.
  const veto = release === ledger.active && provenness === 'Unproven' ? vetoOf(observation, release) : undefined;
  return {
    now,
    release,
    role: roleOf(observation, ledger, release),
    requestTimeoutMs: longestRequestMs(agent, stable === undefined ? undefined : records.get(stable)),
    ...(agent.spec.rollout === undefined ? {} : { rollout: agent.spec.rollout }),
    ...(superseded === undefined ? {} : { superseded }),
    provenness,
    ...(observation.desired.kind === 'Unresolved' ? {} : { wanted: observation.desired.record.revision }),
    returnable: returnableRevisions(ledger, records),
    undone: undoneRevisions(ledger, records),
    ...(ledger.active === undefined || ledger.active === release ? {} : { other: ledger.active.metadata.name }),
    ...capacityOf(observation, ledger),
    traffic: trafficOf(observation, ledger),
    ...(stable === undefined ? {} : { stable: scaleOf(revisions.get(stable), stable) }),
    canary: { ...scaleOf(revisions.get(release.spec.revision), release.spec.revision), standing: observation.standing.get(release.spec.revision)?.pods ?? 0 },
    evaluations,
    ...(evidence === undefined ? {} : { evidence }),
    ...(evidenceFrom === undefined ? {} : { evidenceFrom }),
    hindrances: hindrancesOf(observation, release),
    ...(veto === undefined ? {} : { veto }),
    ...(observation.turns === undefined ? {} : { turns: observation.turns }),
  };
}

/** What is tried again has failed; what a person brings back by name may be what he, or another, had taken back. */
function provennessOf({ spec: { cause, revision } }: Release, ledger: ReleaseLedger): ReleaseObservation['provenness'] {
  if (cause === 'Retry') return 'Unproven';
  return wasPromoted(revision, ledger) || (cause === 'Undo' && isBroughtBack(revision, ledger)) ? 'Promoted' : 'Unproven';
}

/** What a release is to its agent. */
export function roleOf(observation: Pick<AgentObservation, 'agent' | 'desired'>, ledger: ReleaseLedger, release: Release): ReleaseRole {
  if (release === ledger.active) return 'Active';
  if (release === standingRejection(observation, ledger)) return 'Rejecting';
  return release === ledger.serving && !isUndone(release) ? 'Serving' : 'Past';
}

function scaleOf(state: RevisionScale | undefined, revision: string): RevisionScale {
  return state ?? { revision, replicas: 0, ready: 0 };
}

/**
 * A spec whose inputs can't be read just now (a ConfigMap is missing) does not end a release that began with readable ones. Other
 * evaluation gates for the same revision begin anew as long as it has not passed the old ones. What takes back a revision that serves is
 * carried through before another spec is tried.
 */
function supersession({ desired, agent }: AgentObservation, active: Release): Supersession | undefined {
  if (desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  const { phase: current, stop } = active.status ?? {};
  if (active.spec.cause === 'Undo') return current === 'RollingBack' && revision !== active.spec.stableRevision ? { reason: 'SpecChanged', revision } : undefined;
  if (revision !== active.spec.revision) return { reason: 'SpecChanged', revision };
  const phase = stop?.phase ?? current;
  if (phase !== 'Preparing' && phase !== 'Evaluating') return undefined;
  const edited = canonicalJson(planOf(active)?.gates?.evals ?? []) !== canonicalJson(agent.spec.rollout?.gates?.evals ?? []);
  return edited ? { reason: 'PlanChanged', revision } : undefined;
}

/** One that was promoted while another of its group was on the way to failing goes back with it, once. */
function takenBackByGroup(observation: AgentObservation, ledger: ReleaseLedger): ReleaseStep | undefined {
  const { serving } = ledger;
  if (serving === undefined || isUndone(serving) || wentBack(serving)) return undefined;
  const veto = vetoOf(observation, serving);
  const undoTo = returnableRevisions(ledger, observation.records)[0];
  if (veto?.reason !== 'GroupRolledBack' || undoTo === undefined) return undefined;
  const status: ReleaseStatus = { ...serving.status, undoTo, reason: veto.reason, message: `${veto.message}; revision ${undoTo} takes the traffic` };
  return { release: serving, decision: { status, requeueAfterMs: 0 } };
}

/** A release that brought back a revision that was promoted before is no part of the change that failed. */
function wentBack({ status }: Release): boolean {
  return status?.transitions?.some(({ phase, reason }) => phase === 'Promoting' && reason === 'PromotedBefore') === true;
}

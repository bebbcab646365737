import type { Release, ReleaseStatus } from '@sluice/crds';
import { advance } from '../release/machine.ts';
import { isTerminal } from '../release/decision.ts';
import type { ReleaseDecision } from '../release/decision.ts';
import type { EvaluationObservation, ReleaseObservation, RevisionScale, Supersession } from '../release/observation.ts';
import { canonicalJson } from '../revision/index.ts';
import { capacityOf } from './capacity.ts';
import { missingEvalRuns, observeEvaluations } from './evaluations.ts';
import { expireHistory } from './history.ts';
import { noticesOf } from './notices.ts';
import type { AgentObservation } from './observation.ts';
import type { AgentPlan } from './plan.ts';
import { beginRelease } from './begin-release.ts';
import { rolloutChanged } from './rejection.ts';
import { readLedger, wasPromoted } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';
import { planRevisions } from './revisions.ts';
import { statusOf } from './status.ts';

/** Everything that has to be written for one agent. Pure: no clock, no I/O; the controller applies it. */
export function decide(observation: AgentObservation): AgentPlan {
  const before = readLedger(observation.releases);
  const created = before.active === undefined ? beginRelease(observation, before) : undefined;
  const evaluations = before.active === undefined ? [] : observeEvaluations({ ...observation, release: before.active });
  const decision = before.active === undefined ? undefined : advanceActive(observation, before, before.active, evaluations);
  const ledger = decision === undefined || before.active === undefined ? before : readLedger(withStatus(observation.releases, before.active, decision.status));
  const revisions = planRevisions(observation, ledger);
  return {
    ...newRecord(observation),
    ...(created === undefined ? {} : { createRelease: created }),
    ...changedStatus(before.active, decision),
    evalRuns: evalRuns(observation, ledger, evaluations),
    ...revisions,
    ...expireHistory(observation, ledger),
    // A release that is about to be made counts already: a changed spec is never Ready while its release does not exist yet.
    status: statusOf(observation, created === undefined ? ledger : readLedger([...observation.releases, created])),
    notices: noticesOf(before.active, decision?.status),
    ...requeue(created, decision),
  };
}

function advanceActive(observation: AgentObservation, ledger: ReleaseLedger, active: Release, evaluations: readonly EvaluationObservation[]): ReleaseDecision {
  return advance(releaseObservation(observation, ledger, active, evaluations));
}

function releaseObservation(observation: AgentObservation, ledger: ReleaseLedger, active: Release, evaluations: readonly EvaluationObservation[]): ReleaseObservation {
  const { now, revisions, evidence } = observation;
  const stable = ledger.stableRevision;
  const superseded = supersession(observation, active);
  return {
    now,
    release: active,
    ...(superseded === undefined ? {} : { superseded }),
    provenness: wasPromoted(active.spec.revision, ledger) ? 'Promoted' : 'Unproven',
    ...capacityOf(observation, ledger),
    ...(stable === undefined ? {} : { stable: scaleOf(revisions.get(stable), stable) }),
    canary: scaleOf(revisions.get(active.spec.revision), active.spec.revision),
    evaluations,
    ...(evidence === undefined ? {} : { evidence }),
  };
}

function scaleOf(state: RevisionScale | undefined, revision: string): RevisionScale {
  return state ?? { revision, replicas: 0, ready: 0 };
}

/**
 * A spec whose inputs can't be read just now (a ConfigMap is missing) does not end a release that began with readable ones. Another
 * rollout for the same revision begins anew as long as the revision has no traffic; from then on the plan is fixed.
 */
function supersession(observation: AgentObservation, active: Release): Supersession | undefined {
  const { desired } = observation;
  if (desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  if (revision !== active.spec.revision) return { reason: 'SpecChanged', revision };
  const phase = active.status?.phase;
  const untouched = phase === 'Preparing' || phase === 'Evaluating';
  return untouched && rolloutChanged(active, observation) ? { reason: 'PlanChanged', revision } : undefined;
}

function withStatus(releases: readonly Release[], changed: Release, status: ReleaseStatus): Release[] {
  return releases.map((release) => (release === changed ? { ...release, status } : release));
}

function newRecord({ desired, records }: AgentObservation): Pick<AgentPlan, 'record'> {
  if (desired.kind === 'Unresolved' || records.has(desired.record.revision)) return {};
  return { record: desired.record };
}

function changedStatus(active: Release | undefined, decision: ReleaseDecision | undefined): Pick<AgentPlan, 'releaseStatus'> {
  if (active === undefined || decision === undefined) return {};
  if (canonicalJson(active.status ?? {}) === canonicalJson(decision.status)) return {};
  return { releaseStatus: { release: active, status: decision.status } };
}

function evalRuns(observation: AgentObservation, ledger: ReleaseLedger, evaluations: readonly EvaluationObservation[]): AgentPlan['evalRuns'] {
  if (ledger.active?.status?.phase !== 'Evaluating') return [];
  return missingEvalRuns({ ...observation, release: ledger.active }, evaluations);
}

function requeue(created: Release | undefined, decision: ReleaseDecision | undefined): Pick<AgentPlan, 'requeueAfterMs'> {
  if (created !== undefined) return { requeueAfterMs: 0 };
  if (decision === undefined || decision.requeueAfterMs === undefined) return {};
  return { requeueAfterMs: isTerminal(decision.status.phase) ? 0 : decision.requeueAfterMs };
}

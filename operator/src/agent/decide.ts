import type { Release, ReleaseStatus } from '@sluice/crds';
import { isTerminal } from '../release/decision.ts';
import type { EvaluationObservation } from '../release/observation.ts';
import { toldStatus } from '../release/told-status.ts';
import { isWorthStoring } from '../release/worth-storing.ts';
import { beginRelease } from './release-step/begin-release.ts';
import { beginningOf, unstoredBeginning, type FirstRelease, withBeginning } from './release-step/first-release.ts';
import { toldMeanwhile } from './release-step/postponed-release.ts';
import { awaitedTurn, standingOf, startsInTurn } from './release-step/turn.ts';
import { unsettledChange } from './release-step/unsettled-change.ts';
import { missingEvalRuns, observeEvaluations } from './release-step/evaluations.ts';
import { expireHistory } from './ledger/history.ts';
import { conditionNotices, noticesOf } from './status/notices.ts';
import type { AgentObservation } from './observation.ts';
import type { AgentPlan } from './plan.ts';
import { stepOf } from './release-step/release-step.ts';
import type { ReleaseStep } from './release-step/release-step.ts';
import { readLedger } from './ledger/releases.ts';
import type { ReleaseLedger } from './ledger/releases.ts';
import { planPins } from './revisions/pins.ts';
import { planRevisions } from './revisions/revisions.ts';
import { restartNotices, withSecretChanges } from './revisions/secret-changes.ts';
import { asPlanned } from './status/as-planned.ts';
import { statusOf } from './status/status.ts';

/** Everything that has to be written for one agent. Pure: no clock, no I/O; the controller applies it. */
export function decide(stored: AgentObservation): AgentPlan {
  const first = unstoredBeginning(stored);
  const observation = withBeginning(stored);
  const before = readLedger(observation.releases);
  const evaluations = before.active === undefined ? [] : observeEvaluations({ ...observation, release: before.active, serving: before.serving });
  const step = storedStep(toldStep(stepOf(observation, before, evaluations), observation.now), isToBeTold(first, observation.now) ? 'Whatever' : 'IfWorthIt');
  const due = step === undefined ? beginRelease(observation, before) : undefined;
  const unsettled = due === undefined || due.spec.cause === 'SpecChanged' ? unsettledChange(observation, before) : undefined;
  const inTurn = due !== undefined && startsInTurn(observation, due, before) ? due : undefined;
  const postponed = unsettled ?? (inTurn === undefined ? undefined : awaitedTurn(observation, inTurn));
  const created = postponed === undefined ? due : undefined;
  const ledger = step === undefined ? before : readLedger(withStatus(observation.releases, step.release, step.decision.status));
  const revisions = created === undefined ? planRevisions(observation, ledger) : planBegun(observation, ledger, created);
  const targets = revisions.targets.map((target) => withSecretChanges(observation, target));
  const history = expireHistory(observation, ledger);
  // A release that is about to be made counts already: a changed spec is never Ready while its release does not exist yet.
  const told = statusOf(asPlanned(observation, revisions), created === undefined ? ledger : readLedger([...observation.releases, created]));
  const status = toldMeanwhile(observation.agent, told, postponed);
  // What changes once more while it waits keeps its place in the line.
  const isWaiting = (inTurn !== undefined && created === undefined) || step?.decision.awaits === 'Turn';
  const standing = isWaiting ? 'Waiting' : standingOf(created ?? before.active, statusIn(ledger, before.active));
  return {
    ...planPins(observation, { expired: history.expiredRecords, unsettled: postponed?.revision }),
    ...(created === undefined ? {} : { createRelease: created }),
    ...changedStatus(step),
    evalRuns: evalRuns(observation, ledger, evaluations),
    ...revisions,
    targets,
    ...history,
    status,
    ...(standing === undefined ? {} : { standing }),
    notices: [...noticesOf(step?.release, step?.decision.status), ...(created === undefined ? conditionNotices(observation.agent, status) : []), ...restartNotices(observation, targets)],
    ...sooner(revisions, requeue(created, step), postponed ?? {}, first === undefined ? {} : { requeueAfterMs: Math.max(0, first.tellAt - observation.now) }),
  };
}

/** Beside the release that is made in this look; where it begins in one way only, that which follows from it is made as well. */
function planBegun(observation: AgentObservation, ledger: ReleaseLedger, created: Release): ReturnType<typeof planRevisions> {
  const { desired, records, releases, now } = observation;
  const first = releases.length > 0 || desired.kind === 'Unresolved' ? undefined : beginningOf(created, now);
  if (first === undefined || desired.kind === 'Unresolved') return planRevisions(observation, ledger);
  return planRevisions({ ...observation, records: new Map([...records, [desired.record.revision, desired.record]]) }, readLedger([first.release]));
}

function isToBeTold(first: FirstRelease | undefined, now: number): boolean {
  return first !== undefined && now >= first.tellAt;
}

/** As it is stored: with its conditions, and within the bounds of a status. */
function toldStep(step: ReleaseStep | undefined, now: number): ReleaseStep | undefined {
  return step === undefined ? undefined : { ...step, decision: { ...step.decision, status: toldStatus(step.release, step.decision.status, now) } };
}

/** What is not worth a write has not happened: whatever follows from a release follows from what is stored of it. */
function storedStep(step: ReleaseStep | undefined, stores: 'IfWorthIt' | 'Whatever'): ReleaseStep | undefined {
  if (step === undefined || stores === 'Whatever' || isWorthStoring(step.release.status ?? {}, step.decision.status)) return step;
  return { ...step, decision: { ...step.decision, status: step.release.status ?? {} } };
}

function statusIn({ all }: ReleaseLedger, release: Release | undefined): ReleaseStatus | undefined {
  return all.find(({ metadata }) => metadata.name === release?.metadata.name)?.status;
}

function withStatus(releases: readonly Release[], changed: Release, status: ReleaseStatus): Release[] {
  return releases.map((release) => (release === changed ? { ...release, status } : release));
}

function changedStatus(step: ReleaseStep | undefined): Pick<AgentPlan, 'releaseStatus'> {
  if (step === undefined || step.decision.status === step.release.status) return {};
  return { releaseStatus: { release: step.release, status: step.decision.status } };
}

function evalRuns(observation: AgentObservation, ledger: ReleaseLedger, evaluations: readonly EvaluationObservation[]): AgentPlan['evalRuns'] {
  if (ledger.active?.status?.phase !== 'Evaluating') return [];
  return missingEvalRuns({ ...observation, release: ledger.active, serving: ledger.serving }, evaluations);
}

function sooner(...parts: readonly Pick<AgentPlan, 'requeueAfterMs'>[]): Pick<AgentPlan, 'requeueAfterMs'> {
  const waits = parts.flatMap(({ requeueAfterMs }) => requeueAfterMs ?? []);
  return waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) };
}

function requeue(created: Release | undefined, step: ReleaseStep | undefined): Pick<AgentPlan, 'requeueAfterMs'> {
  if (created !== undefined) return { requeueAfterMs: 0 };
  if (step === undefined || step.decision.requeueAfterMs === undefined) return {};
  return { requeueAfterMs: isTerminal(step.decision.status.phase) ? 0 : step.decision.requeueAfterMs };
}

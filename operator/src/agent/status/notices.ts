import { isDeepStrictEqual } from 'node:util';
import type { AgentDeployment, AgentDeploymentStatus, Condition, Release, ReleaseStatus, Transition } from '@sluice/crds';
import { droppedGatesIn, isOutOfReach } from '../../gates/release-gate/index.ts';
import type { Notice } from '../plan.ts';

/** Events for a change of phase, to be recorded once the change is stored. */
export function noticesOf(release: Release | undefined, next: ReleaseStatus | undefined): Notice[] {
  if (release === undefined || next === undefined) return [];
  return [...answerNotice(release, next), ...forecastNotice(release, next), ...droppedGateNotice(release, next), ...repeatedEvaluations(release, next), ...phaseNotices(release, next)];
}

/** Told once, when the traffic is known and before it is shifted. */
function forecastNotice({ status }: Release, { gate }: ReleaseStatus): Notice[] {
  if (gate?.forecast === undefined || status?.gate?.forecast !== undefined) return [];
  const outOfReach = isOutOfReach(gate.forecast);
  return [{ type: outOfReach ? 'Warning' : 'Normal', reason: outOfReach ? 'GateOutOfReach' : 'GateForecast', message: gate.forecast.message }];
}

/** An edit of the plan in mid-release has taken away what was to be proven. */
function droppedGateNotice({ status }: Release, { gate }: ReleaseStatus): Notice[] {
  const known = droppedGatesIn(status?.gate);
  const fresh = droppedGatesIn(gate).filter((name) => !known.includes(name));
  return fresh.length === 0 ? [] : [{ type: 'Warning', reason: 'GateDropped', message: `The plan was edited in mid-release: ${fresh.join(', ')} ${fresh.length === 1 ? 'is no gate any more, and was' : 'are no gates any more, and were'} not proven. Nothing is promised of that; to have it proven make it a gate again` }];
}

/** Reasons of the condition Stalled that no change of a release tells. */
export const toldOnce: ReadonlySet<string> = new Set(['RouteNotTaken', 'EvaluationStalled', 'PodsStalled']);

/** Events for what no change of a release tells: that the Gateway does not follow a rollback, that it tries in vain, that a gate can never be measured, that nobody may ask, and that agents of several shards are not released together. */
export function conditionNotices({ status: before }: AgentDeployment, next: AgentDeploymentStatus): Notice[] {
  return (next.conditions ?? []).filter(isTold).flatMap(({ type, reason, message }) => {
    const isKnown = before?.conditions?.some((known) => known.type === type && known.reason === reason && isTold(known)) === true;
    return isKnown ? [] : [{ type: 'Warning' as const, reason: type === 'Stalled' ? reason : type, message }];
  });
}

/** Conditions of what the spec says, or does not say. */
const ofSpec: ReadonlySet<string> = new Set(['GateNotMeasurable', 'AnswersNobody', 'NotCoordinated']);

function isTold({ type, status, reason }: Condition): boolean {
  return status === 'True' && (ofSpec.has(type) || (type === 'Stalled' && toldOnce.has(reason)));
}

function answerNotice({ status }: Release, { handledIntent }: ReleaseStatus): Notice[] {
  const known = status?.handledIntent;
  if (handledIntent === undefined || (handledIntent.requestId === known?.requestId && handledIntent.outcome === known.outcome)) return [];
  const refused = handledIntent.outcome === 'Refused';
  // What was done is told by the change of phase that it leads to.
  return refused ? [{ type: 'Warning', reason: 'IntentRefused', message: handledIntent.message }] : [];
}

/** A run that gave no verdict is known by the next one; that there is no next one is told by how the release ends. */
function repeatedEvaluations({ status }: Release, { evaluations = [] }: ReleaseStatus): Notice[] {
  return (status?.evaluations ?? []).flatMap(({ suite, attempt, message }) => {
    const next = evaluations.find((evaluation) => evaluation.suite === suite && evaluation.attempt > attempt);
    return next === undefined ? [] : [{ type: 'Warning' as const, reason: 'EvaluationNotMeasured', message: `Run ${attempt} of suite "${suite}" could not measure, run ${next.attempt} begins: ${message}` }];
  });
}

/** What follows by itself from what was told, or is told by what comes next. */
const quiet: ReadonlySet<string> = new Set(['Preparing', 'Promoting']);
const bad: ReadonlySet<string> = new Set(['RollingBack', 'RolledBack', 'Held']);

function phaseNotices(release: Release, next: ReleaseStatus): Notice[] {
  const known = release.status?.transitions?.at(-1);
  const all = next.transitions ?? [];
  const fresh = all.slice(all.findLastIndex((transition) => isDeepStrictEqual(transition, known)) + 1);
  const told = fresh.filter((transition, index) => !quiet.has(transition.phase) && !saysNothingNew(transition, fresh[index - 1] ?? known) && !isFirst(transition, release));
  return told.map(({ phase, message }) => ({ type: bad.has(phase) ? 'Warning' : 'Normal', reason: `Release${phase}`, message }));
}

/** That an agent serves for the first time is told by its status. */
function isFirst({ phase, reason }: Transition, { spec }: Release): boolean {
  return spec.stableRevision === undefined && phase === 'Promoted' && reason === 'Promoted';
}

/** A rollback is told when it begins: how it ends says nothing new. Steps are told as one: the release lists them, and each event is a write. One that a person left out is told. */
function saysNothingNew({ phase, reason }: Transition, before: Transition | undefined): boolean {
  return (phase === 'RolledBack' && before?.phase === 'RollingBack') || (phase === 'Shifting' && before?.phase === 'Shifting' && reason !== 'StepSkipped');
}

import type { HandledIntent, Intent, IntentVerb } from '@sluice/crds';
import { durationMilliseconds } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { move, rollBack, stay } from '../decision.ts';
import type { ReleaseDecision } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { enterStep, planOf, positionOf, shareSentence, stepAt } from '../plan.ts';
import { stopClock } from '../stopped-clock.ts';
import { towardsPromotion } from '../phases/towards-promotion.ts';
import { refusalOf } from './refusal.ts';

/** Request ids that are remembered, that of the latest answer included. */
const maxAnswered = 16;

/** The intent that has not been answered yet, as its verb reads it. */
export function openIntent({ spec, status }: ReleaseObservation['release']): Intent | undefined {
  const { intent } = spec;
  const answered = intent !== undefined && (intent.requestId === status?.handledIntent?.requestId || status?.answeredRequests?.includes(intent.requestId) === true);
  return intent === undefined || answered ? undefined : meantBy(intent);
}

const readsRevision: ReadonlySet<IntentVerb> = new Set(['Undo', 'Retry']);
const readsStep: ReadonlySet<IntentVerb> = new Set(['Promote', 'Skip']);

/**
 * Empty is not set: who sends a merge patch without knowing the wish before (an action of Argo CD on the agent) can't take its members away
 * otherwise. What that wish left and this verb has no use for is not told as part of this one.
 */
function meantBy({ note = '', toRevision = '', step, ...asked }: Intent): Intent {
  const { verb } = asked;
  return {
    ...asked,
    ...(note === '' ? {} : { note }),
    ...(toRevision === '' || !readsRevision.has(verb) ? {} : { toRevision }),
    ...(step === undefined || !readsStep.has(verb) ? {} : { step }),
  };
}

/** Does what is asked, or says why not; either way the request id is echoed, so that it is answered once. */
export function answerIntent(observation: ReleaseObservation, intent: Intent): ReleaseDecision {
  const refusal = refusalOf(observation, intent);
  if (refusal !== undefined) return unchanged(observation, echo(observation, intent, { outcome: 'Refused', message: `${intent.verb} was refused: ${refusal}` }));
  const { decision, message } = deeds[intent.verb](observation, intent);
  return withEcho(decision, echo(observation, intent, { outcome: 'Accepted', message }));
}

interface Deed {
  readonly decision: ReleaseDecision;
  /** What was done, in one sentence. */
  readonly message: string;
}

const deeds: Readonly<Record<IntentVerb, (observation: ReleaseObservation, intent: Intent) => Deed>> = {
  Promote: promote,
  PromoteFull: promoteFull,
  Skip: skip,
  Abort: abort,
  Pause: pause,
  Resume: resume,
  Retry: retry,
  Undo: undo,
};

function promote(observation: ReleaseObservation, intent: Intent): Deed {
  const { release, now } = observation;
  if (release.status?.phase === 'AwaitingApproval') {
    const unproven = release.status.approval?.cause === 'Inconclusive' ? ', though its objectives have not proven it' : '';
    const message = `${asker(intent)} agreed that revision ${release.spec.revision} takes all the traffic${unproven}`;
    const approval = { requestedAt: release.status.approval?.requestedAt ?? isoTime(now), decidedAt: isoTime(now), decision: 'Approved' as const, ...by(intent) };
    return { message, decision: move(observation, { phase: 'Promoting', reason: 'Approved', message: withNote(message, intent), by: intent.by, changes: { weight: 100, mirrorPercent: undefined, approval } }) };
  }
  const message = 'The time of this step is over; what its objectives leave open must still pass';
  return { message, decision: stay(observation, message, { stepStartedAt: isoTime(now - stepMilliseconds(observation)) }, 0) };
}

function stepMilliseconds({ release }: ReleaseObservation): number {
  const position = positionOf(release);
  return position === undefined ? 0 : durationMilliseconds(position.step.duration);
}

function promoteFull(observation: ReleaseObservation, intent: Intent): Deed {
  const message = `${asker(intent)} asked that revision ${observation.release.spec.revision} takes all the traffic without the rest of its steps and gates`;
  return {
    message,
    decision: move(observation, { phase: 'Promoting', reason: 'PromotedInFull', message: withNote(message, intent), by: intent.by, changes: { weight: 100, mirrorPercent: undefined } }),
  };
}

function skip(observation: ReleaseObservation, intent: Intent): Deed {
  const { release } = observation;
  const index = release.status?.step ?? 0;
  const next = stepAt(planOf(release), index + 1);
  const message = withNote(`${asker(intent)} left out step ${index + 1}`, intent);
  if (next === undefined) return { message, decision: towardsPromotion(observation, { passed: message, reason: 'AllStepsPassed' }) };
  const decision = move(observation, { phase: 'Shifting', reason: 'StepSkipped', message: `${message}. Step ${next.index + 1} of ${next.count}: ${shareSentence(next.step)}`, by: intent.by, changes: enterStep(next) });
  return { message, decision };
}

function abort(observation: ReleaseObservation, intent: Intent): Deed {
  const message = withNote(`${asker(intent)} aborted the release`, intent);
  return { message, decision: rollBack(observation, { reason: 'Aborted', message, by: intent.by }) };
}

function pause(observation: ReleaseObservation, intent: Intent): Deed {
  const { release, now } = observation;
  const message = withNote(`${asker(intent)} paused the release; its weight stays, and what fails is still rolled back`, intent);
  return { message, decision: move(observation, { phase: 'Paused', reason: 'Paused', message, by: intent.by, changes: stopClock(release.status ?? {}, { now }) }) };
}

function resume(observation: ReleaseObservation, intent: Intent): Deed {
  const message = withNote(`${asker(intent)} let the release go on`, intent);
  return { message, decision: move(observation, { phase: observation.release.status?.stop?.phase ?? 'Preparing', reason: 'Resumed', message, by: intent.by }) };
}

/** The new release is made from the answer: begin-release.ts. */
function retry(observation: ReleaseObservation, intent: Intent): Deed {
  const message = withNote(`${asker(intent)} asked to try again what ${observation.release.metadata.name} released; a new release begins`, intent);
  return { message, decision: unchangedDecision(observation) };
}

/** The release that goes back is made from `undoTo`: begin-release.ts. */
function undo(observation: ReleaseObservation, intent: Intent): Deed {
  const target = intent.toRevision ?? observation.returnable[0];
  const message = withNote(`${asker(intent)} took revision ${observation.release.spec.revision} back; revision ${target ?? ''} takes the traffic`, intent);
  return { message, decision: { status: { ...observation.release.status, message, ...(target === undefined ? {} : { undoTo: target }) }, requeueAfterMs: 0 } };
}

function unchangedDecision({ release }: ReleaseObservation): ReleaseDecision {
  return { status: release.status ?? {}, requeueAfterMs: 0 };
}

function unchanged(observation: ReleaseObservation, handledIntent: HandledIntent): ReleaseDecision {
  return withEcho(unchangedDecision(observation), handledIntent);
}

function withEcho({ status, ...rest }: ReleaseDecision, handledIntent: HandledIntent): ReleaseDecision {
  const { answeredRequests = [], handledIntent: before, ...kept } = status;
  const earlier = before === undefined ? [] : [...answeredRequests.filter((id) => id !== before.requestId), before.requestId].slice(1 - maxAnswered);
  return { ...rest, status: { ...kept, handledIntent, ...(earlier.length === 0 ? {} : { answeredRequests: earlier }) } };
}

function echo({ now }: ReleaseObservation, intent: Intent, answer: Pick<HandledIntent, 'outcome' | 'message'>): HandledIntent {
  const { verb, requestId, note, toRevision, step } = intent;
  return { verb, requestId, ...by(intent), ...(note === undefined ? {} : { note }), ...(toRevision === undefined ? {} : { toRevision }), ...(step === undefined ? {} : { step }), at: isoTime(now), ...answer };
}

function by(intent: Intent): { readonly by?: string } {
  return intent.by === undefined ? {} : { by: intent.by };
}

function asker({ by: user }: Intent): string {
  return user ?? 'Somebody';
}

function withNote(sentence: string, { note }: Intent): string {
  return note === undefined ? sentence : `${sentence} (${note})`;
}

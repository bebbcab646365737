import { isDeepStrictEqual } from 'node:util';
import { durationMilliseconds } from '@sluice/crds';
import type { HandledIntent, Release, ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../../../evidence/clock-time.ts';
import { readLedger } from '../../ledger/releases.ts';
import { isTerminal } from '../../../release/decision.ts';
import { approvalOf, holdLimitOf, planOf } from '../../../release/plan.ts';
import { accepted, type Invariant, type Look, wholePlan } from './look.ts';
import { isFrozen } from './rollouts.ts';

/** Two releases of one agent would each move the other's traffic. */
const atMostOneReleaseIsOnItsWay: Invariant = ({ after }) => {
  const active = [...after.releases.values()].filter(({ status }) => !isTerminal(status?.phase));
  return active.length <= 1 ? undefined : active.map(({ metadata }) => metadata.name).join(' and ');
};

/**
 * What failed, was aborted or was undone gets no release without somebody who asks for it, and then what was measured of it is carried on. What
 * was undone, and nothing else, is brought back by an undo that names it.
 */
const aRejectedRevisionIsOnlyTriedAgainWhenAsked: Invariant = ({ plan, memory, observation }) => {
  const created = 'children' in plan ? undefined : plan.createRelease;
  const rejecting = created === undefined ? undefined : memory.rejected.get(created.spec.revision);
  if (created === undefined || rejecting === undefined) return undefined;
  const { cause, revision, retryOf, earlier = [] } = created.spec;
  if (cause === 'Undo' && isNamedAfterItsUndo(observation.releases, { revision, rejecting })) return undefined;
  if (cause !== 'Retry' || !memory.retried.has(revision)) return `${created.metadata.name} tries revision ${revision} again, and nobody asked`;
  const failed = observation.releases.find(({ metadata }) => metadata.name === rejecting);
  const { recent: _short, ...evidence } = failed?.status?.evidence ?? {};
  const carried = earlier.find(({ release }) => release === rejecting);
  const same = isDeepStrictEqual(carried?.evidence ?? {}, evidence);
  return retryOf === rejecting && carried !== undefined && same ? undefined : `${created.metadata.name} does not carry on what ${rejecting} measured`;
};

function isNamedAfterItsUndo(all: readonly Release[], { revision, rejecting }: { readonly revision: string; readonly rejecting: string }): boolean {
  const { handledIntent } = readLedger(all).serving?.status ?? {};
  const undone = all.find(({ metadata }) => metadata.name === rejecting)?.status;
  return undone?.phase === 'Promoted' && undone.reason !== 'GroupRolledBack' && handledIntent?.verb === 'Undo' && handledIntent.outcome === 'Accepted' && handledIntent.toRevision === revision;
}

/** A wish is answered once, one about another revision is refused, and what is refused changes nothing. */
const anIntentIsAnsweredOnceAndAStaleOneHasNoEffect: Invariant = ({ step }) => {
  if (step === undefined) return undefined;
  const { release, before, after } = step;
  const { intent } = release.spec;
  const answered = after.handledIntent;
  if (answered === undefined || answered === before.handledIntent) return undefined;
  if (answered.requestId === before.handledIntent?.requestId) return isDeepStrictEqual(answered, before.handledIntent) || hasLapsed(before.handledIntent, answered) ? undefined : `${answered.requestId} was answered twice`;
  if (answered.requestId !== intent?.requestId) return `an answer to ${answered.requestId}, which nobody asked`;
  if (intent.revision !== release.spec.revision && answered.outcome === 'Accepted') return `${intent.verb} of another revision was accepted`;
  return undefined;
};

/** A Retry that was accepted is done, or the spec has turned away from what it was of. */
function hasLapsed(before: HandledIntent, after: HandledIntent): boolean {
  return before.verb === 'Retry' && before.outcome === 'Accepted' && isDeepStrictEqual({ ...after, outcome: before.outcome, message: before.message }, before);
}

/** Transitions are a record: their times do not go back, and nothing that was recorded changes. */
const timesNeverGoBack: Invariant = ({ step }) => {
  const before = step?.before.transitions ?? [];
  const after = step?.after.transitions ?? [];
  const kept = after.slice(0, before.length);
  if (after.length < 64 && !isDeepStrictEqual(kept, before)) return 'a recorded transition changed';
  const back = after.find(({ at }, index) => at < (after[index - 1]?.at ?? ''));
  return back === undefined ? undefined : `${back.phase} at ${back.at} comes after a later one`;
};

/** active = total - paused - held, and none is below 0. */
const durationsAddUp: Invariant = ({ step }) => {
  const { durations } = step?.after ?? {};
  if (step === undefined || !isTerminal(step.after.phase) || isTerminal(step.before.phase)) return undefined;
  const { totalMilliseconds: total = -1, activeMilliseconds: active = -1, pausedMilliseconds: paused = 0, heldMilliseconds: held = 0 } = durations ?? {};
  return Math.min(total, active, paused, held) >= 0 && active === total - paused - held ? undefined : JSON.stringify(durations);
};

/** Where a release stands, its share of the users and of the copies does not grow. */
const whatStandsGainsNoTraffic: Invariant = ({ step }) => {
  if (step === undefined || (step.before.phase !== 'Paused' && step.before.phase !== 'Held')) return undefined;
  const leaves = step.after.transitions?.length !== step.before.transitions?.length && step.after.phase !== 'Paused' && step.after.phase !== 'Held';
  if (leaves || accepted(step) === 'PromoteFull') return undefined;
  return gained(step.before, step.after) ? `${step.before.phase} release went from ${shareOf(step.before)} to ${shareOf(step.after)}` : undefined;
};

/** In a freeze no unproven revision begins or takes more traffic, unless a person promotes it in full. Going back is always possible. */
const aFreezeStopsWhatWouldTakeMoreTraffic: Invariant = ({ step, observation }) => {
  if (step === undefined || !isFrozen(observation.agent.spec.rollout, observation.now) || accepted(step) === 'PromoteFull') return undefined;
  const { before, after } = step;
  const proven = after.transitions?.some(({ reason }) => reason === 'PromotedBefore') === true;
  if (proven) return undefined;
  if (gained(before, after)) return `it went from ${shareOf(before)} to ${shareOf(after)} in a freeze`;
  const begins = after.phase === 'Evaluating' && before.phase !== 'Evaluating' && before.stop?.phase !== 'Evaluating';
  return begins ? 'it began in a freeze' : undefined;
};

const promotedWithoutApproval: ReadonlySet<string> = new Set(['PromotedBefore', 'PromotedInFull', 'Approved']);

/** Where the plan requires approval, all the traffic is given only to a revision that a person approved, or that was promoted before. */
const promotionHasTheApprovalItNeeds: Invariant = ({ step }) => {
  if (step === undefined || !isPromotion(step.after) || isPromotion({ phase: step.before.stop?.phase ?? step.before.phase })) return undefined;
  const approval = approvalOf({ spec: step.release.spec, status: step.after });
  if (approval === undefined) return undefined;
  const { reason = '' } = step.after.transitions?.findLast(({ phase }) => phase === 'Promoting') ?? {};
  const byTime = reason === 'ApprovalTimedOut' && approval.onTimeout === 'Promote';
  return promotedWithoutApproval.has(reason) || byTime ? undefined : `promoted for ${reason}`;
};

/**
 * Nobody's time to answer runs out while nobody may answer: in a hold, a pause, a suspension. Half of it, because clocks go back in these histories.
 */
const anApprovalHasItsTime: Invariant = ({ step, observation }) => {
  const before = step?.before.transitions ?? [];
  const since = before.slice(before.findIndex(({ reason }) => reason === 'ApprovalRequired'));
  const isOver = step?.after.transitions?.slice(before.length).some(({ reason }) => reason === 'ApprovalTimedOut') === true;
  if (step === undefined || !isOver || since[0]?.reason !== 'ApprovalRequired') return undefined;
  const until = (index: number): number => Date.parse(since[index + 1]?.at ?? isoTime(observation.now));
  const waited = since.reduce((sum, { phase, at }, index) => (phase === 'AwaitingApproval' ? sum + until(index) - Date.parse(at) : sum), 0);
  const needed = durationMilliseconds(approvalOf({ spec: step.release.spec, status: step.before })?.timeout ?? '24h') / 2;
  return waited >= needed ? undefined : `timed out after ${waited / 1000} s in which somebody could have answered`;
};

/** All the traffic is taken, or was by the end of the look; that of a revision which serves already is not given to it. */
function isPromotion({ phase, reason }: ReleaseStatus): boolean {
  return phase === 'Promoting' || (phase === 'Promoted' && reason !== 'ServesAlready');
}

/** A step or an evaluation that is passed was measured: no data is no pass. */
const nothingPassesUnmeasured: Invariant = ({ step, observation }) => {
  if (step === undefined || accepted(step) === 'Skip') return undefined;
  const fresh = (step.after.transitions ?? []).slice(step.before.transitions?.length ?? 0);
  const passed = fresh.find(({ message }) => message.startsWith('Step '));
  if (passed === undefined || (planOf({ spec: step.release.spec, status: step.after })?.gates?.objectives ?? []).length === 0) return undefined;
  const { requests = 0, providerFailures = 0 } = observation.evidence?.canary ?? {};
  return requests - providerFailures >= 30 ? undefined : `${passed.message}: ${requests} requests, ${providerFailures} of them failures of the provider`;
};

/** Scrapes are that old at most where something is measured, with the clock of another machine. Milliseconds. */
const measuredWithinMs = 60_000;

/**
 * A hold that was because nothing can be measured ends by a measurement, whatever it has turned to since: neither that the pods went nor that a
 * window has just begun is one, and either would begin its limits anew.
 */
const whatIsHeldUnmeasuredGoesOnMeasured: Invariant = ({ step, observation }) => {
  if (step?.before.phase !== 'Held' || !standingHold(step.before).some(({ reason }) => reason === 'MetricsMissing')) return undefined;
  const next = (step.after.transitions ?? []).slice(step.before.transitions?.length ?? 0).find(({ phase }) => phase !== 'Held');
  if (next?.reason !== 'GoesOn' || (planOf({ spec: step.release.spec, status: step.after })?.gates?.objectives ?? []).length === 0) return undefined;
  const { lastScrapeAt } = observation.evidence ?? {};
  const age = lastScrapeAt === undefined ? Infinity : observation.now - Date.parse(lastScrapeAt);
  return age <= measuredWithinMs ? undefined : `it goes on, and was measured ${age / 1000} s ago`;
};

/** What a user bounds by one limit; a freeze, another agent and a suspension are not among it. */
const boundedByHoldLimit: ReadonlySet<string | undefined> = new Set(['ProviderOutage', 'MetricsMissing', 'SpecUnreadable']);
/** Clocks of other machines, milliseconds. */
const clockSlackMs = 60_000;

/** Whatever a hold turns to on its way, what holdLimit bounds of it adds up to holdLimit at most, as the transitions tell it. */
const aHoldHasOneLimit: Invariant = (look) => {
  const { active } = look.after;
  const decided = look.step === undefined ? active?.status : look.step.after;
  const release = look.step?.release ?? active;
  const { phase, stop } = decided ?? {};
  if (wholePlan(look) === undefined || release?.spec.stableRevision === undefined || phase !== 'Held' || stop?.phase === 'Preparing' || !boundedByHoldLimit.has(stop?.reason)) return undefined;
  const standing = standingHold(decided ?? {});
  const until = (index: number): number => Date.parse(standing[index + 1]?.at ?? isoTime(look.observation.now));
  const held = standing.reduce((sum, { at, reason }, index) => (boundedByHoldLimit.has(reason) ? sum + until(index) - Date.parse(at) : sum), 0);
  const limit = durationMilliseconds(holdLimitOf({ spec: release.spec, ...(decided === undefined ? {} : { status: decided }) }));
  return held < limit + clockSlackMs ? undefined : `held for ${held / 1000} s by ${standing.map(({ reason }) => reason).join(', ')}, and ${limit / 1000} s are the limit`;
};

/** What the present hold turned to, in turn. */
function standingHold({ transitions = [] }: ReleaseStatus): NonNullable<ReleaseStatus['transitions']> {
  return transitions.slice(transitions.findLastIndex(({ phase }) => phase !== 'Held') + 1);
}

const goesOnInItsStep: ReadonlySet<string | undefined> = new Set(['Shifting', 'Held', 'Paused', 'AwaitingApproval', 'Preparing', 'Evaluating']);

/** A step that has begun is not begun again, nor one before it, unless somebody edits the steps: whoever has met its share meets no less, and its time is not asked for twice. */
const noStepIsGoneThroughTwice: Invariant = ({ step }) => {
  const index = step?.before.step;
  if (step === undefined || index === undefined || step.before.crashes === undefined || !goesOnInItsStep.has(step.after.phase)) return undefined;
  const { before, after, release: { spec } } = step;
  const [then, now] = [before, after].map((status) => planOf({ spec, status })?.steps ?? []);
  const fresh = (after.transitions ?? []).slice(before.transitions?.length ?? 0);
  if (!isDeepStrictEqual(then, now) || fresh.some(({ reason }) => reason === 'PlanEdited')) return undefined;
  if ((after.step ?? -1) < index) return `it was in step ${index} and is in step ${after.step ?? 'none'}`;
  return after.step === index && before.stepStartedAt !== undefined && after.stepStartedAt === undefined ? `step ${index} begins anew` : undefined;
};

/** What is done whatever the spec asks for: somebody named the revision himself, or it served before. */
const whateverTheSpecAsksFor: ReadonlySet<string> = new Set(['PromotedBefore', 'PromotedInFull']);

/**
 * A revision that the spec asks for no more is not promoted and gains no traffic, also while what the spec asks for instead cannot be read. But for
 * what goes back (an undo, a revision that was promoted before, one that serves all along) and for what a person promotes in full.
 */
const whatIsAskedForNoMoreIsNotPromoted: Invariant = ({ step, after: { wanted } }) => {
  if (step === undefined || step.release.spec.revision === wanted || step.release.spec.cause === 'Undo') return undefined;
  const { before, after } = step;
  const { reason = '' } = after.transitions?.findLast(({ phase }) => phase === 'Promoting') ?? {};
  const isPromoted = after.phase === 'Promoted' && before.phase !== 'Promoted' && after.reason !== 'ServesAlready';
  if (whateverTheSpecAsksFor.has(reason) || !(isPromoted || gained(before, after))) return undefined;
  return `${step.release.spec.revision} went from ${before.phase ?? 'nothing'} with ${shareOf(before)} to ${after.phase ?? 'nothing'} with ${shareOf(after)}, and ${wanted} is asked for`;
};

/** A revision that has failed an evaluation gets no pods by itself. */
const whatFailsItsEvaluationHasNoTraffic: Invariant = ({ step }) => {
  if (step === undefined || accepted(step) === 'PromoteFull') return undefined;
  const failed = step.after.evaluations?.some(({ verdict }) => verdict === 'Fail') === true;
  const by = step.after.transitions?.some(({ reason }) => reason === 'PromotedInFull') === true;
  return failed && !by && (step.after.weight ?? 0) > 0 ? 'a failed evaluation and weight' : undefined;
};

/** JSON, with nothing that a round through the API server would lose. */
const whatIsStoredIsJson: Invariant = ({ step }) => (step === undefined || !hasUndefined(step.after) ? undefined : 'a member is undefined');

function hasUndefined(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined;
  return Object.values(value).some(hasUndefined);
}

function gained(before: ReleaseStatus, after: ReleaseStatus): boolean {
  return (after.weight ?? 0) > (before.weight ?? 0) || (after.mirrorPercent ?? 0) > (before.mirrorPercent ?? 0);
}

function shareOf({ weight = 0, mirrorPercent = 0 }: ReleaseStatus): string {
  return `${weight} % and ${mirrorPercent} % copied`;
}

export const releaseInvariants: Readonly<Record<string, Invariant>> = {
  atMostOneReleaseIsOnItsWay,
  aRejectedRevisionIsOnlyTriedAgainWhenAsked,
  anIntentIsAnsweredOnceAndAStaleOneHasNoEffect,
  timesNeverGoBack,
  durationsAddUp,
  whatStandsGainsNoTraffic,
  aFreezeStopsWhatWouldTakeMoreTraffic,
  promotionHasTheApprovalItNeeds,
  anApprovalHasItsTime,
  nothingPassesUnmeasured,
  whatIsHeldUnmeasuredGoesOnMeasured,
  aHoldHasOneLimit,
  noStepIsGoneThroughTwice,
  whatIsAskedForNoMoreIsNotPromoted,
  whatFailsItsEvaluationHasNoTraffic,
  whatIsStoredIsJson,
};

/** The first invariant that a look breaks, with what is wrong. */
export function brokenBy(look: Look, invariants: Readonly<Record<string, Invariant>>): string | undefined {
  for (const [name, invariant] of Object.entries(invariants)) {
    const wrong = invariant(look);
    if (wrong !== undefined) return `${name}: ${wrong} (${wholePlan(look)?.createRelease?.metadata.name ?? look.step?.release.metadata.name ?? 'no release'})`;
  }
  return undefined;
}

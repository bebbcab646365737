import { durationMilliseconds } from '@sluice/crds';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { heldFor, isBounded } from '@sluice/operator/src/release/holds/standing-hold.ts';
import { activeMilliseconds } from '@sluice/operator/src/release/stopped-clock.ts';
import { timeSpan } from '../terminal/time-span.ts';
import { atMoment, endOf, type Facts, hasObjectives, isSuspended } from './facts.ts';

const defaultHoldLimit = '24h';
const defaultProgressDeadline = '5m';

/** What takes a release back by itself when nothing changes. */
export interface Limit {
  readonly field: 'progressDeadline' | 'maxDuration';
  readonly span: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The limits whose clocks run, the one that ends first before the others. */
export function runningLimits(facts: Facts): readonly Limit[] {
  const { release } = facts;
  if (release.spec.stableRevision === undefined || isSuspended(facts)) return [];
  return [podsLimit(facts), wholeLimit(facts)].filter((limit) => limit !== undefined).toSorted((left, right) => left.at - right.at);
}

function podsLimit({ phase, plan, status, now }: Facts): Limit | undefined {
  if (phase !== 'Shifting' && phase !== 'Promoting') return undefined;
  const span = plan?.progressDeadline ?? defaultProgressDeadline;
  const at = endOf(status.unreadySince, span);
  // One that has passed does not end it: it counts from when its pods were made, and the message says who has not made them.
  return at === undefined || at <= now ? undefined : { field: 'progressDeadline', span, at };
}

function wholeLimit({ phase, plan, status, now }: Facts): Limit | undefined {
  if (plan === undefined || !['Preparing', 'Evaluating', 'Shifting'].includes(phase)) return undefined;
  return { field: 'maxDuration', span: plan.maxDuration, at: now + durationMilliseconds(plan.maxDuration) - activeMilliseconds(status, now) };
}

/** How much of its time a release on its way has left, and what ends first. */
export function limitSentences(facts: Facts): string[] {
  const { phase, plan, status, now, release } = facts;
  if (isTerminal(phase) || phase === 'RollingBack' || isSuspended(facts)) return [];
  if (release.spec.stableRevision === undefined) return phase === 'AwaitingApproval' ? [] : [`There is no revision to go back to, so it is waited for without limit${servesNobody(facts) ? ', and nobody is served meanwhile' : ''}.`];
  const [first, second] = runningLimits(facts);
  const ofPods = first?.field === 'progressDeadline' ? [`If its pods are not ready by then it is rolled back ${atMoment(first.at, now)}, by the progressDeadline of ${first.span}.`] : [];
  // What maxDuration asks for is decided by then.
  if (plan === undefined || phase === 'Promoting') return ofPods;
  const whole = `Of the ${plan.maxDuration} that it may run, without pauses and holds, ${timeSpan(durationMilliseconds(plan.maxDuration) - activeMilliseconds(status, now))} are left`;
  if (first === undefined) return [`${whole}.`];
  if (first.field === 'progressDeadline') return [...ofPods, `${whole}.`];
  return [`${whole}; then it is rolled back${openQuestion(plan)}${second === undefined ? '' : `, before the progressDeadline of ${second.span} of its pods is over`}.`];
}

/** Of the first release: whether none of its pods is ready either. */
export function servesNobody({ agent: { status } }: Pick<Facts, 'agent'>): boolean {
  return (status?.canary?.readyReplicas ?? 0) + (status?.stable?.readyReplicas ?? 0) === 0;
}

/** What becomes of objectives that are still open then is for the rollout to say. */
function openQuestion(plan: NonNullable<Facts['plan']>): string {
  const { onInconclusive = 'Pause' } = plan;
  if (!hasObjectives(plan) || onInconclusive === 'Rollback') return '';
  return onInconclusive === 'Pause' ? ', or waits for a person where only its objectives are open' : ', or is promoted where only its objectives are open';
}

/** When a hold ends the release; undefined where it never does: for a freeze, a dependency and a suspension, and where there is nothing to go back from or to. */
export function holdEnd({ release, status, plan, now }: Facts): { readonly span: string; readonly at: number } | undefined {
  const { stop } = status;
  if (stop?.reason === undefined || !isBounded(stop.reason)) return undefined;
  if (stop.phase === 'Preparing' || release.spec.stableRevision === undefined) return undefined;
  const span = plan?.holdLimit ?? defaultHoldLimit;
  return { span, at: now + durationMilliseconds(span) - heldFor(status, now) };
}

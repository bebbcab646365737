import type { ReleasePhase } from '@sluice/crds';
import { durationMilliseconds } from '@sluice/crds';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { positionOf, shareSentence, stepAt } from '@sluice/operator/src/release/plan.ts';
import { activeMilliseconds } from '@sluice/operator/src/release/stopped-clock.ts';
import { timeSpan } from '../terminal/time-span.ts';
import { atMoment, endOf, type Facts, type Next } from './facts.ts';

const defaultHoldLimit = '24h';

/** What comes next by itself, and when; one function a phase. */
const next: Readonly<Record<ReleasePhase, (facts: Facts) => Next | undefined>> = {
  Preparing: (facts) => ({ what: afterPreparing(facts) }),
  Evaluating: (facts) => ({ what: `When every suite passes, ${afterEvaluation(facts)}; one that fails ends the release before any user meets it.` }),
  Shifting: afterStep,
  AwaitingApproval: afterApproval,
  Promoting: () => ({ what: 'When all its pods are ready and the old ones are gone it is promoted.' }),
  Held: afterHold,
  Paused: () => ({ what: 'Nothing goes on until somebody resumes it; an objective that fails still takes it back.' }),
  RollingBack: ({ release }) => ({ what: `The release ends when revision ${release.spec.stableRevision ?? 'before'} has all the traffic.` }),
  Promoted: () => undefined,
  RolledBack: ({ release }) => ({ what: `Nothing goes on by itself: revision ${release.spec.revision} is not tried again until somebody asks for it or the spec changes.` }),
  Aborted: ({ release }) => ({ what: `Nothing goes on by itself: revision ${release.spec.revision} is not tried again until somebody asks for it or the spec changes.` }),
  Superseded: () => ({ what: 'The release of the newer spec follows.' }),
};

export function nextOf(facts: Facts): Next | undefined {
  return next[facts.phase](facts);
}

/** How much of its time a release on its way has left. */
export function limitSentences({ phase, plan, status, now, release }: Facts): string[] {
  if (plan === undefined || isTerminal(phase) || phase === 'RollingBack' || release.spec.stableRevision === undefined) return [];
  const left = durationMilliseconds(plan.maxDuration) - activeMilliseconds(status, now);
  return [`Of the ${plan.maxDuration} that it may run, without pauses and holds, ${timeSpan(left)} are left; then it is rolled back.`];
}

function afterPreparing({ plan, release }: Facts): string {
  const suites = (plan?.gates?.evals ?? []).map(({ suiteRef }) => suiteRef.name);
  return suites.length === 0 ? `Next, ${afterEvaluation({ plan, release })}.` : `Next it is evaluated by ${suites.join(', ')}.`;
}

function afterEvaluation({ plan, release }: Pick<Facts, 'plan' | 'release'>): string {
  const first = release.spec.stableRevision === undefined ? undefined : stepAt(plan, 0);
  return first === undefined ? 'it takes all the traffic' : `step 1 of ${first.count} begins, with ${shareSentence(first.step)}`;
}

function afterStep(facts: Facts): Next {
  const { release, plan, status, now } = facts;
  const position = positionOf(release);
  const following = position === undefined ? undefined : stepAt(plan, position.index + 1);
  const what = following === undefined ? lastStep(facts) : `step ${following.index + 1} begins, with ${shareSentence(following.step)}`;
  if (status.stepStartedAt === undefined) return unready(facts);
  const objectives = (plan?.gates?.objectives ?? []).length;
  const proof = objectives === 0 ? '' : objectives === 1 ? ', if the objective passes by then or as soon as it does' : `, if all ${objectives} objectives pass by then or as soon as they do`;
  const at = endOf(status.stepStartedAt, position?.step.duration);
  return { what: `Next, ${at === undefined ? '' : `${atMoment(at, now)}${proof}, `}${what}. An objective that fails takes it back at once.`, ...(at === undefined ? {} : { at }) };
}

function lastStep({ plan }: Facts): string {
  return plan?.approval?.policy === 'Required' ? 'it waits for somebody to approve it' : 'it takes all the traffic';
}

function unready({ plan, status, now }: Facts): Next {
  const at = endOf(status.unreadySince, plan?.progressDeadline);
  if (at === undefined) return { what: 'The time of the step begins when its traffic is real.' };
  return { what: `The time of the step begins when its traffic is real; if its pods are not ready by then it is rolled back ${atMoment(at, now)}.`, at };
}

function afterApproval({ plan, status, now }: Facts): Next {
  const at = endOf(status.approval?.requestedAt, plan?.approval?.timeout);
  const what = plan?.approval?.onTimeout === 'Promote' ? 'it is promoted' : 'it is rolled back';
  return at === undefined ? { what: `Without an answer ${what}.` } : { what: `Without an answer ${what} ${atMoment(at, now)}.`, at };
}

function afterHold({ plan, status, now, release }: Facts): Next {
  const goesOn = `It goes on with ${status.stop?.phase ?? 'Preparing'} by itself when the reason is gone.`;
  const at = endOf(status.stop?.since, plan?.holdLimit ?? defaultHoldLimit);
  if (at === undefined || status.stop?.reason === 'Suspended' || release.spec.stableRevision === undefined) return { what: goesOn };
  return { what: `${goesOn} If it is still held then, it is rolled back ${atMoment(at, now)}.`, at };
}

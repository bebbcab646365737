import type { ReleasePhase } from '@sluice/crds';
import { isGate } from '@sluice/operator/src/gates/release-gate/policy-of.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { approvalOf, holdLimitOf, positionOf, shareSentence, stepAt } from '@sluice/operator/src/release/plan.ts';
import { stepEndOf } from '@sluice/operator/src/release/step-end.ts';
import { isUnreadable } from '@sluice/operator/src/release/holds/spec-unreadable.ts';
import { endlessFreezes } from '@sluice/operator/src/release/holds/freeze.ts';
import { atMoment, endOf, type Facts, hasObjectives, isSuspended, listed, type Next } from './facts.ts';
import { holdEnd, runningLimits } from './limits.ts';

/** What comes next by itself, and when; one function a phase. */
const next: Readonly<Record<ReleasePhase, (facts: Facts) => Next | undefined>> = {
  Preparing: (facts) => ({ what: afterPreparing(facts) }),
  Evaluating: (facts) => ({ what: `When every suite passes, ${afterEvaluation(facts)}; one that fails ends the release before any user meets it.` }),
  Shifting: afterStep,
  AwaitingApproval: afterApproval,
  Promoting: (facts) => untilReady(facts, `When all its pods are ready and the traffic is theirs${unlessUnreadable(facts)} it is promoted.`),
  Held: afterHold,
  Paused: ({ plan }) => ({ what: `Nothing goes on until somebody resumes it${hasObjectives(plan) ? '; an objective that fails still takes it back' : ''}.` }),
  RollingBack: ({ release }) => ({ what: `The release ends when revision ${release.spec.stableRevision ?? 'before'} has all the traffic.` }),
  Promoted: () => undefined,
  RolledBack: (facts) => ({ what: `Nothing goes on by itself: ${untilAsked(facts)}` }),
  Aborted: (facts) => ({ what: `Nothing goes on by itself: ${untilAsked(facts)}` }),
  Superseded: () => ({ what: 'The release of the newer spec follows.' }),
};

const untilResumed = 'Nothing goes on, and nothing is answered, until spec.suspend is false again.';

export function nextOf(facts: Facts): Next | undefined {
  if (isSuspended(facts)) return { what: isTerminal(facts.phase) ? untilResumed : `${untilResumed.slice(0, -1)}; its clocks stand meanwhile.` };
  return next[facts.phase](facts);
}

function afterPreparing({ plan, release }: Facts): string {
  const suites = (plan?.gates?.evals ?? []).map(({ suiteRef }) => suiteRef.name);
  return suites.length === 0 ? `Next, ${afterEvaluation({ plan, release })}.` : `Next it is evaluated by ${suites.join(', ')}.`;
}

function afterEvaluation({ plan, release }: Pick<Facts, 'plan' | 'release'>): string {
  const first = release.spec.stableRevision === undefined ? undefined : stepAt(plan, 0);
  return first === undefined ? lastStep({ release }) : `step 1 of ${first.count} begins, with ${shareSentence(first.step)}`;
}

function afterStep(facts: Facts): Next {
  const { release, plan, status, now } = facts;
  const position = positionOf(release);
  const following = position === undefined ? undefined : stepAt(plan, position.index + 1);
  const what = following === undefined ? lastStep(facts) : `step ${following.index + 1} begins, with ${shareSentence(following.step)}`;
  if (status.stepStartedAt === undefined) return unready(facts);
  const gates = (plan?.gates?.objectives ?? []).filter(isGate);
  const proof = gates.length === 0 ? '' : `, if ${listed(gates.map(({ name }) => name))} ${gates.length === 1 ? 'passes by then or as soon as it does' : 'pass by then or as soon as they do'}`;
  const at = stepEndOf(release)?.at;
  return { what: `Next, ${at === undefined ? '' : `${atMoment(at, now)}${proof}, `}${what}.${hasObjectives(plan) ? ' An objective that fails takes it back at once.' : ''}`, ...(at === undefined ? {} : { at }) };
}

/** What follows when nothing is left to be shown. */
function lastStep({ release }: Pick<Facts, 'release'>): string {
  return approvalOf(release) !== undefined ? 'it waits for somebody to approve it, and takes all the traffic then' : 'it takes all the traffic';
}

function unready(facts: Facts): Next {
  return untilReady(facts, 'The time of the step begins when its traffic is real.');
}

/** The operator says of the agent why it cannot tell what the spec asks for. */
function unlessUnreadable({ agent }: Facts): string {
  const { reason = '' } = agent.status?.conditions?.find(({ type }) => type === 'Stalled') ?? {};
  return isUnreadable(reason) ? ', and the spec can be read and asks for it,' : '';
}

/** Which limit ends the wait is told by the sentence about limits. */
function untilReady(facts: Facts, what: string): Next {
  const [limit] = facts.status.unreadySince === undefined ? [] : runningLimits(facts);
  return { what, ...(limit === undefined ? {} : { at: limit.at }) };
}

/** Another revision is what the operator would take for another; a dependency that was mended alone is none. */
function untilAsked({ release, status, agent }: Facts): string {
  const { revision } = release.spec;
  const retry = `kubectl sluice retry ${agent.metadata.name}`;
  if (status.reason === 'DependencyCycle') return `take one of the agents out of rollout.dependsOn, then ask for revision ${revision} again (${retry}); the former alone does not begin it.`;
  return `revision ${revision} is not tried again until somebody asks for it (${retry}); a change of spec.agent makes another revision.`;
}

function afterApproval({ release, status, now }: Facts): Next {
  const approval = status.approval?.cause === 'Inconclusive' ? { timeout: holdLimitOf(release), onTimeout: 'RollBack' } : approvalOf(release);
  const at = endOf(status.approval?.requestedAt, approval?.timeout);
  const [what, then] = approval?.onTimeout === 'Promote' ? ['it is promoted', ''] : ['it is rolled back', release.spec.stableRevision === undefined ? ', and no revision serves then' : ''];
  return at === undefined ? { what: `Without an answer ${what}${then}.` } : { what: `Without an answer ${what} ${atMoment(at, now)}${then}.`, at };
}

function afterHold(facts: Facts): Next {
  const { status, now } = facts;
  const phase = status.stop?.phase ?? 'Preparing';
  const end = holdEnd(facts);
  if (end !== undefined) return { what: `It goes on with ${phase} by itself when the reason is gone. If it is still held then, it is rolled back ${atMoment(end.at, now)}, by the holdLimit of ${end.span}.`, at: end.at };
  if (status.stop?.reason === 'Freeze') return { what: afterFreeze(facts, phase) };
  if (status.stop?.reason === 'Dependency') return { what: `It goes on with ${phase} by itself when what it depends on is promoted, however long that takes: holdLimit does not end it.` };
  return { what: `It goes on with ${phase} by itself when the reason is gone.` };
}

function afterFreeze({ agent, now }: Facts, phase: string): string {
  const [wrong] = endlessFreezes(agent.spec.rollout?.freezes ?? [], now);
  if (wrong !== undefined) return `It does not go on by itself, and no limit ends it: correct freeze "${wrong.name}", whose ${wrong.fault.field} ${wrong.fault.message}. Or give it all the traffic in spite of it (kubectl sluice promote --full ${agent.metadata.name}).`;
  return `It goes on with ${phase} by itself when the freeze is over, however long that takes: holdLimit does not end it.`;
}

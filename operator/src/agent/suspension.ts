import type { AgentDeployment, AgentDeploymentStatus, Condition, Release, ReleaseStatus } from '@sluice/crds';
import { conditionMessage } from '../conditions/bounded-sentence.ts';
import { transitionTime } from '../conditions/transition-time.ts';
import { refuseAdoption, withAdoption } from '../adoption/decide.ts';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import { isTerminal, move } from '../release/decision.ts';
import { notBefore, stopClock } from '../release/stopped-clock.ts';
import { toldStatus } from '../release/told-status.ts';
import { decide } from './decide.ts';
import { withBeginning } from './release-step/first-release.ts';
import type { AgentObservation } from './observation.ts';
import type { AgentPlan, UntouchingPlan } from './plan.ts';
import { readLedger } from './ledger/releases.ts';
import { statusOf } from './status/status.ts';

const conditionType = 'Suspended';

/** What {@link decide} says, but for agents that are suspended or were until now. Pure. */
export function decideUnlessSuspended(observation: AgentObservation): AgentPlan | UntouchingPlan {
  const since = suspendedSince(observation.agent);
  if (observation.agent.spec.suspend === true) return suspendedPlan(withBeginning(observation), since);
  if (since === undefined) return withAdoption(observation, decide(refuseAdoption(observation)));
  return resumingPlan(withBeginning(observation), since);
}

/** Since when nothing is done for the agent, epoch milliseconds; known as long as its status says so. */
function suspendedSince({ status }: AgentDeployment): number | undefined {
  const condition = status?.conditions?.find(({ type }) => type === conditionType);
  return condition?.status === 'True' ? epochMsOf(condition.lastTransitionTime) : undefined;
}

/** The status says what is, and nothing else is written: whoever suspended the agent may change anything of it. */
function suspendedPlan(observation: AgentObservation, since: number | undefined): UntouchingPlan {
  const message = 'The operator touches nothing of this agent until spec.suspend is false';
  return {
    children: 'Untouched',
    status: suspendedStatus(observation, { since: since ?? observation.now, message }),
    notices: since === undefined ? [{ type: 'Normal', reason: conditionType, message }] : [],
  };
}

/**
 * For a suspended agent that another shard's operator looked after last: what belongs to it stays with that shard's label until it is
 * resumed, so nothing of it can be seen. The status goes on saying what the former operator saw, and whose it was.
 */
export function suspendedElsewhere(agent: AgentDeployment, now: number): UntouchingPlan {
  const { metadata: { generation = 0 }, status = {} } = agent;
  const since = suspendedSince(agent);
  // Whether another spec is what serves cannot be told.
  const settled = status.observedGeneration === generation && status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  const message = 'The operator touches nothing of this agent until spec.suspend is false; then this shard takes it over';
  const own: Condition = { type: conditionType, status: 'True', reason: conditionType, message, observedGeneration: generation, lastTransitionTime: isoTime(since ?? now) };
  const others = (status.conditions ?? []).filter(({ type }) => type !== conditionType);
  return {
    children: 'Untouched',
    status: {
      ...status,
      observedGeneration: generation,
      phase: conditionType,
      message,
      conditions: [...others.map((condition) => ({ ...withTimeKept(rewrite(condition, settled, message), { agent, now }), observedGeneration: generation })), own],
    },
    notices: since === undefined ? [{ type: 'Normal', reason: conditionType, message }] : [],
  };
}

/**
 * The first thing after a suspension: a release that was on its way is put down as held since then, so that the time in between counts
 * neither as progress nor for a deadline. Only when that is stored does the status forget the suspension, and the release goes on.
 */
function resumingPlan(observation: AgentObservation, since: number): UntouchingPlan {
  const { active } = readLedger(observation.releases);
  const status = active === undefined ? undefined : heldSince(active, since);
  return {
    children: 'Untouched',
    ...(active === undefined || status === undefined ? {} : { releaseStatus: { release: active, status: toldStatus(active, status, observation.now) } }),
    status: statusOf(observation, readLedger(observation.releases)),
    notices: [{ type: 'Normal', reason: 'Resumed', message: `Suspended from ${isoTime(since)} to ${isoTime(observation.now)}; the operator looks after this agent again` }],
    requeueAfterMs: 0,
  };
}

/** Undefined where no clock runs, and where an earlier try has put it down already. */
function heldSince(release: Release, suspendedAt: number): ReleaseStatus | undefined {
  const { phase, stop } = release.status ?? {};
  if (phase === undefined || phase === 'Paused' || phase === 'RollingBack' || isTerminal(phase)) return undefined;
  const since = notBefore(release.status ?? {}, suspendedAt);
  if (stop?.reason === conditionType && epochMsOf(stop.since) === since) return undefined;
  const changes = stopClock(release.status ?? {}, { now: since, reason: conditionType });
  return move({ now: since, release }, { phase: 'Held', reason: conditionType, message: 'The agent was suspended', changes }).status;
}

function suspendedStatus(observation: AgentObservation, { since, message }: { readonly since: number; readonly message: string }): AgentDeploymentStatus {
  const status = statusOf(observation, readLedger(observation.releases));
  const { generation = 0 } = observation.agent.metadata;
  const settled = status.phase === 'Healthy';
  const own = { reason: conditionType, message, observedGeneration: generation };
  const rewritten = (status.conditions ?? []).map((condition) => rewrite(condition, settled, message));
  return {
    ...status,
    phase: conditionType,
    message: conditionMessage(`${message}. ${status.message ?? ''}`.trim()),
    conditions: [...rewritten.map((condition) => withTimeKept(condition, observation)), { type: conditionType, status: 'True', lastTransitionTime: isoTime(since), ...own }],
  };
}

/** What is not as the spec says stays so until a person resumes: that is Stalled, and nothing is on its way. */
function rewrite(condition: Condition, settled: boolean, message: string): Condition {
  const becomes = { Ready: settled, Reconciling: false, Stalled: !settled }[condition.type];
  return becomes === undefined ? condition : { ...condition, status: becomes ? 'True' : 'False', reason: conditionType, message };
}

function withTimeKept(condition: Condition, { agent, now }: Pick<AgentObservation, 'agent' | 'now'>): Condition {
  return { ...condition, lastTransitionTime: transitionTime(condition, { stored: agent.status?.conditions, now }) };
}

import type { AgentDeploymentStatus, Condition } from '@sluice/crds';
import { conditionMessage } from '../conditions/bounded-sentence.ts';
import { transitionTime } from '../conditions/transition-time.ts';
import type { AgentObservation } from '../agent/observation.ts';
import type { AgentPlan, Notice } from '../agent/plan.ts';
import { readLedger } from '../agent/ledger/releases.ts';
import { adoptionProblem, type AdoptionPlan, planAdoption, type Successor } from './plan.ts';

const conditionType = 'Adopted';

/** A first revision is not begun beside something that can't be taken over. */
export function refuseAdoption(observation: AgentObservation): AgentObservation {
  const successor = successorOf(observation);
  const message = observation.adoption === undefined || successor.stable !== undefined ? undefined : adoptionProblem(observation.adoption, successor);
  return message === undefined ? observation : { ...observation, desired: { kind: 'Unresolved', problem: { reason: 'AdoptionRefused', message } } };
}

/** The plan for the agent, and the next step of what it adopts. Pure. */
export function withAdoption(observation: AgentObservation, plan: AgentPlan): AgentPlan {
  const { adoption } = observation;
  if (adoption === undefined) return plan;
  const step = planAdoption(adoption, successorOf(observation));
  return {
    ...plan,
    adoption: step,
    // A status that goes on as it was has it already.
    status: { ...plan.status, conditions: [...(plan.status.conditions ?? []).filter(({ type }) => type !== conditionType), conditionOf(step, observation)] },
    notices: [...plan.notices, ...noticesOf(step, observation)],
    ...sooner(plan, step),
  };
}

function successorOf({ agent, releases, revisions }: AgentObservation): Successor {
  const { stableRevision } = readLedger(releases);
  const state = stableRevision === undefined ? undefined : (revisions.get(stableRevision) ?? { ready: 0, replicas: 0 });
  return { agent: agent.metadata.name, ...(state === undefined ? {} : { stable: { ready: state.ready, replicas: state.replicas } }) };
}

function conditionOf({ state, reason, message }: AdoptionPlan, { agent, now }: AgentObservation): Condition {
  const status = state === 'Adopted' ? 'True' : 'False';
  const lastTransitionTime = transitionTime({ type: conditionType, status }, { stored: agent.status?.conditions, now });
  return { type: conditionType, status, reason, message: conditionMessage(message), observedGeneration: agent.metadata.generation ?? 0, lastTransitionTime };
}

/** Told once: when the reason changes. */
function noticesOf({ state, reason, message }: AdoptionPlan, { agent }: AgentObservation): Notice[] {
  if (state === 'Waiting' || previousOf(agent.status)?.reason === reason) return [];
  return [{ type: state === 'Blocked' ? 'Warning' : 'Normal', reason, message }];
}

function previousOf(status: AgentDeploymentStatus | undefined): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === conditionType);
}

function sooner({ requeueAfterMs = Infinity }: AgentPlan, step: AdoptionPlan): Pick<AgentPlan, 'requeueAfterMs'> {
  const least = Math.min(requeueAfterMs, step.requeueAfterMs ?? Infinity);
  return Number.isFinite(least) ? { requeueAfterMs: least } : {};
}


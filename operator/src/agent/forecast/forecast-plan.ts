import { hash } from 'node:crypto';
import { type AgentDeployment, durationMilliseconds, type GateForecast } from '@sluice/crds';
import { canonicalJson } from '../../revision/digest.ts';

const usualRequestTimeout = '60s';
const planLength = 16;

/** Longest time of a request, milliseconds. */
export function requestTimeoutMs({ spec }: AgentDeployment): number {
  return durationMilliseconds(spec.agent.limits?.requestTimeout ?? usualRequestTimeout);
}

/** Digest of all of a spec that a forecast depends on, besides what the stable pods have counted. */
export function forecastPlan(agent: AgentDeployment): string {
  const { steps, gates, maxDuration, stickiness } = agent.spec.rollout ?? {};
  return hash('sha256', canonicalJson({ steps, gates, maxDuration, stickiness, requestTimeoutMs: requestTimeoutMs(agent) })).slice(0, planLength);
}

/**
 * Whether a forecast is of what the spec asks for now. A generation that was seen says nothing of that: of an edit that is released at once the
 * forecast is not made anew before the release has ended. One of an operator that told no plan goes by it all the same, or an upgrade would read all pods at once.
 */
export function isOfPlan({ plan }: Pick<GateForecast, 'plan'>, { agent, observedGeneration }: { readonly agent: AgentDeployment; readonly observedGeneration: number | undefined }): boolean {
  return plan === undefined ? observedGeneration === agent.metadata.generation : plan === forecastPlan(agent);
}

/** What is left of a forecast when its plan was edited: the traffic, and what of it was bad, by which an edit is warned of. */
export function ofAnotherPlan({ at, requestsPerMinute, objectives }: GateForecast): GateForecast {
  return {
    at,
    plan: '',
    summary: 'not known',
    message: 'What the objectives will need is not known: steps, gates or times of the rollout were edited since the stable pods were read; they are read again when no release is on its way',
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    objectives: objectives.map(({ name, badPercent }) => ({ name, ...(badPercent === undefined ? {} : { badPercent }) })),
  };
}

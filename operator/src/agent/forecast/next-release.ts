import type { AgentDeployment, GateForecast, PastCounts, RolloutSpec } from '@sluice/crds';
import { isOutOfReach, noForecast, openGate } from '../../gates/release-gate/index.ts';
import type { AgentObservation } from '../observation.ts';
import { isForecastable } from './due.ts';
import { forecastPlan, isOfPlan, ofAnotherPlan, requestTimeoutMs } from './forecast-plan.ts';
import type { StableReading } from './stable-reading.ts';

/** Pods that are younger, milliseconds, and have served fewer requests, do not tell the traffic of a day. */
const young = { ageMs: 300_000, requests: 100 };

/**
 * What the objectives of the agent's next release will need with the traffic of today: made where the stable pods were read in this look, else
 * as it was told last, if that was of the same plan. Undefined where there is nothing to forecast.
 */
export function forecastOfNext({ agent, stableReading, now }: Pick<AgentObservation, 'agent' | 'stableReading' | 'now'>): GateForecast | undefined {
  const { rollout } = agent.spec;
  if (rollout === undefined || !isForecastable(agent)) return undefined;
  if (stableReading === undefined) return toldBefore(agent);
  const { uncounted } = stableReading;
  return { ...forecastFrom({ agent, rollout, now }, stableReading), plan: forecastPlan(agent), ...(uncounted === undefined ? {} : { uncounted }) };
}

/** While a release is on its way nothing is read for the next one. */
function toldBefore(agent: AgentDeployment): GateForecast | undefined {
  const { forecast, observedGeneration } = agent.status ?? {};
  return forecast === undefined || isOfPlan(forecast, { agent, observedGeneration }) ? forecast : ofAnotherPlan(forecast);
}

function forecastFrom({ agent, rollout, now }: { readonly agent: AgentDeployment; readonly rollout: RolloutSpec; readonly now: number }, { past, problem }: StableReading): GateForecast {
  if (past === undefined) return noForecast(`the pods of the stable revision could not be read: ${problem ?? 'it is not known why'}`, now);
  if (isYoung(past)) return noForecast(`the pods of the stable revision had run for ${Math.round(meanAgeMs(past) / 1000)} s only and served ${past.requests} requests; it is looked at again in a few minutes`, now);
  const { forecast } = openGate({ rollout, requestTimeoutMs: requestTimeoutMs(agent), elapsedMs: 0 }, past, now);
  if (forecast === undefined) return noForecast('no step of the rollout divides the traffic between two revisions', now);
  return problem === undefined ? forecast : { ...forecast, message: `${forecast.message}; ${problem}`.slice(0, 2_048) };
}

/** The forecast where it says that something cannot be decided in time. */
export function outOfReach(observation: Pick<AgentObservation, 'agent' | 'stableReading' | 'now'>): GateForecast | undefined {
  const forecast = forecastOfNext(observation);
  return forecast === undefined || !isOutOfReach(forecast) ? undefined : forecast;
}

function isYoung(past: PastCounts): boolean {
  return meanAgeMs(past) < young.ageMs && past.requests < young.requests;
}

function meanAgeMs({ podMilliseconds, pods }: PastCounts): number {
  return podMilliseconds / Math.max(1, pods);
}

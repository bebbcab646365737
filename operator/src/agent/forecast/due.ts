import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';
import type { DesiredRevision } from '../observation.ts';
import { standingRejection } from '../ledger/rejection.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import { isOfPlan } from './forecast-plan.ts';

/** How old the forecast for the next release becomes, milliseconds: each is a look at the stable pods and a write of the status. */
export const forecastEveryMs = 1_800_000;
/** The same where nothing could be read, or the pods are too young to tell. */
export const unknownAgainMs = 300_000;

/** How long after a promotion what was told of the revision before is told anew, milliseconds: the pods that serve since are old enough to tell then. */
export const newStableMs = 300_000;

/** Only gates on live traffic, in steps, have anything to forecast. */
export function isForecastable({ spec }: Pick<AgentDeployment, 'spec'>): boolean {
  const { steps = [], gates } = spec.rollout ?? {};
  return steps.length > 0 && (gates?.objectives ?? []).length > 0;
}

/**
 * When the traffic of the stable revision is to be read for the forecast of the next release, epoch milliseconds: at once where there is none
 * yet or it is of another plan, and anew for pods that serve since. Undefined where there is nothing to forecast, and while a release is on its way, which has its own forecast.
 */
export function forecastDueAt(agent: AgentDeployment, { active, serving, stableRevision }: ReleaseLedger, { forecast, observedGeneration }: AgentDeploymentStatus = {}): number | undefined {
  const { spec } = agent;
  if (spec.suspend === true || !isForecastable({ spec }) || active !== undefined || stableRevision === undefined) return undefined;
  if (forecast === undefined || !isOfPlan(forecast, { agent, observedGeneration })) return 0;
  const isKnown = forecast.requestsPerMinute !== undefined;
  const due = Date.parse(forecast.at) + (isKnown ? forecastEveryMs : unknownAgainMs);
  const promotedAt = Date.parse(serving?.status?.finishedAt ?? '');
  // What was not known of the pods before is no news of those that serve now; what was known is as good as what young pods can tell.
  return promotedAt > Date.parse(forecast.at) ? Math.min(due, isKnown ? promotedAt + newStableMs : promotedAt) : due;
}

/** Whether it is time. What the spec asks for by now may be about to be released, and is forecast there; what was taken back is not released by itself. */
export function isForecastDue(agent: AgentDeployment, ledger: ReleaseLedger, { desired, now }: { readonly desired: DesiredRevision; readonly now: number }): boolean {
  const dueAt = forecastDueAt(agent, ledger, agent.status);
  if (dueAt === undefined || now < dueAt) return false;
  return dueAt > 0 || (desired.kind === 'Rendered' && (desired.record.revision === ledger.stableRevision || standingRejection({ agent, desired }, ledger) !== undefined));
}

/** Milliseconds until the next look at the traffic is due; at least a minute, so that what cannot be forecast is no loop. */
export function forecastLookAgainMs(agent: AgentDeployment, ledger: ReleaseLedger, { status, now }: { readonly status: AgentDeploymentStatus; readonly now: number }): number | undefined {
  const dueAt = forecastDueAt(agent, ledger, status);
  return dueAt === undefined ? undefined : Math.max(60_000, dueAt - now);
}

import { policyVersion } from '../../agent/create-agent.ts';
import type { ActiveRequests } from '../../lifecycle/active-requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { TrafficMetrics } from '../../telemetry/metrics.ts';
import { createServedAgent } from '../served-agent.ts';
import { createInvocationService, type InvocationService } from '../invocation.ts';
import type { ServerDependencies } from '../server-dependencies.ts';

/** What the routes of the agent share. */
export interface RouteContext {
  readonly invocations: InvocationService;
  readonly active: ActiveRequests;
  readonly clock: Clock;
  readonly policyVersion: string;
  readonly maxInputCharacters: number;
}

/** The context of the routes whose requests are counted by `counted`. */
export function createRouteContext(dependencies: ServerDependencies, counted: Pick<TrafficMetrics, 'request' | 'guardrail' | 'precision'>): RouteContext {
  const { active, admission, bundle, clock } = dependencies;
  const { maxInputCharacters, requestTimeoutMs } = bundle.limits;
  const policy = policyVersion(bundle, dependencies.revision);
  const agent = createServedAgent(dependencies, counted);
  const invocations = createInvocationService({ agent, admission, count: counted.request, clock, policyVersion: policy, requestTimeoutMilliseconds: requestTimeoutMs });
  return { invocations, active, clock, policyVersion: policy, maxInputCharacters };
}

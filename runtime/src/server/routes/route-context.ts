import { createAgent, policyVersion } from '../../agent/create-agent.ts';
import type { ActiveRequests } from '../../lifecycle/active-requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CountRequest } from '../../telemetry/metrics.ts';
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

/** The context of the routes whose requests `count` counts. */
export function createRouteContext(dependencies: ServerDependencies, count: CountRequest): RouteContext {
  const { active, admission, bundle, clock, model, toolbox } = dependencies;
  const { maxInputCharacters, requestTimeoutMs } = bundle.limits;
  const policy = policyVersion(bundle, dependencies.revision);
  const agent = createAgent(bundle, { model, toolbox });
  const invocations = createInvocationService({ agent, admission, count, clock, policyVersion: policy, requestTimeoutMilliseconds: requestTimeoutMs });
  return { invocations, active, clock, policyVersion: policy, maxInputCharacters };
}

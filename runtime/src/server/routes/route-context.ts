import { createAgent, policyVersion } from '../../agent/create-agent.ts';
import type { ActiveRequests } from '../../lifecycle/active-requests.ts';
import { compileGuardrails } from '../../guardrails/compile-guardrails.ts';
import { guardAgent } from '../../guardrails/guarded-agent.ts';
import type { Clock } from '../../platform/clock.ts';
import type { TrafficMetrics } from '../../telemetry/metrics.ts';
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
export function createRouteContext(dependencies: ServerDependencies, counted: Pick<TrafficMetrics, 'request' | 'guardrail'>): RouteContext {
  const { active, admission, bundle, clock, model, toolbox } = dependencies;
  const { maxInputCharacters, requestTimeoutMs } = bundle.limits;
  const policy = policyVersion(bundle, dependencies.revision);
  const guardrails = compileGuardrails(bundle.guardrails);
  const agent = guardAgent(createAgent(bundle, { model, toolbox }), { guardrails, observe: counted.guardrail });
  const invocations = createInvocationService({ agent, admission, count: counted.request, clock, policyVersion: policy, requestTimeoutMilliseconds: requestTimeoutMs });
  return { invocations, active, clock, policyVersion: policy, maxInputCharacters };
}

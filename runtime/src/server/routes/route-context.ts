import { policyVersion } from '../../agent/create-agent.ts';
import { compileGuardrails } from '../../guardrails/compile-guardrails.ts';
import { guardToolbox } from '../../guardrails/tool-guard.ts';
import type { ActiveRequests } from '../../lifecycle/active-requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import type { TrafficMetrics } from '../../telemetry/metrics.ts';
import { traceInvocations } from '../../telemetry/tracing/traced-invocations.ts';
import type { Tracing } from '../../telemetry/tracing/tracing.ts';
import type { Toolbox } from '../../tools/toolbox.ts';
import type { Access } from '../access/access.ts';
import { createAsk, type Ask } from '../ask.ts';
import { createServedAgent } from '../served-agent.ts';
import { createInvocationService, type InvocationService } from '../invocation.ts';
import { switchInvocations, switchTools } from '../switches.ts';
import type { ServerDependencies } from '../server-dependencies.ts';
import type { LiveStream } from '../live-stream.ts';
import type { ServerState } from '../server-state.ts';

/** What the routes of the agent share. */
export interface RouteContext {
  readonly invocations: InvocationService;
  readonly ask: Ask;
  readonly state: ServerState;
  readonly random: Random;
  readonly agent: string;
  /** Streams with a key that are answered here, by their keys; as many as requests run or wait. */
  readonly live: Map<string, LiveStream>;
  readonly active: ActiveRequests;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly policyVersion: string;
  readonly maxInputCharacters: number;
  /** Whether the agent has tools that write. */
  readonly writes: 'some' | 'none';
  /** Not set: no spans are told, and no contexts handed on. */
  readonly tracing: Tracing | undefined;
  readonly access: Access;
  /** Makes one call of a tool under the rules for tools, outside of an answer. */
  readonly callTool: Toolbox['call'];
}

/** The context of the routes whose requests are counted by `counted`. */
export function createRouteContext(dependencies: ServerDependencies, counted: Pick<TrafficMetrics, 'request' | 'guardrail' | 'precision'>): RouteContext {
  const { active, admission, bundle, clock, random, state, wallClock } = dependencies;
  const { maxInputCharacters, requestTimeoutMs } = bundle.limits;
  const policy = policyVersion(bundle, dependencies.revision);
  const agent = createServedAgent(dependencies, counted);
  const service = createInvocationService({ agent, admission, count: counted.request, clock, policyVersion: policy, requestTimeoutMilliseconds: requestTimeoutMs });
  const { instruments } = dependencies;
  const switched = switchInvocations(service, dependencies.access);
  const invocations = instruments === undefined ? switched : traceInvocations(switched, dependencies, instruments);
  const callTool: Toolbox['call'] = (call, signal) => guardToolbox(switchTools(dependencies.toolbox, dependencies.access), compileGuardrails(bundle.guardrails).tools, counted.guardrail).call(call, signal);
  const ask = createAsk({ invocations, sessions: state.sessions, maxInputCharacters });
  const writes = bundle.tools.some(({ effect }) => effect === 'Write') ? 'some' : 'none';
  return { invocations, ask, state, random, agent: bundle.agent.name, live: new Map(), active, clock, wallClock, policyVersion: policy, maxInputCharacters, writes, tracing: instruments?.tracing, access: dependencies.access, callTool };
}

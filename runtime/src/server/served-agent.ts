import { createAgent } from '../agent/create-agent.ts';
import { compileGuardrails } from '../guardrails/compile-guardrails.ts';
import { guardAgent, type GuardedAgent } from '../guardrails/guarded-agent.ts';
import type { ObservePrecision } from '../precision/adaptive-run.ts';
import { createPreciseAgent } from '../precision/precise-agent.ts';
import { createPrecision } from '../precision/precision.ts';
import type { TrafficMetrics } from '../telemetry/metrics.ts';
import { switchTools } from './switches.ts';
import type { ServerDependencies } from './server-dependencies.ts';

/** Says in the log when the agent changes its ways, as its metrics do. */
function logged(observe: ObservePrecision, { bundle, logger }: ServerDependencies): ObservePrecision {
  return {
    ...observe,
    onAdaptation: (event, session) => {
      observe.onAdaptation(event, session);
      const { cause, action, oldPrecision, newPrecision } = event;
      logger.info({ event_type: 'adaptation', agent_id: `${bundle.agent.namespace}/${bundle.agent.name}`, session_id: session, request_id: session, data: { trigger: cause, action, old_precision: { execution: oldPrecision }, new_precision: { execution: newPrecision } } }, 'the agent changed its ways');
    },
  };
}

/** The agent of a bundle with all that its bundle asks to be put around it. */
export function createServedAgent(dependencies: ServerDependencies, counted: Pick<TrafficMetrics, 'guardrail' | 'precision'>): GuardedAgent {
  const { access, bundle, clock, learnt, logger, model } = dependencies;
  const agent = createAgent(bundle, { model, toolbox: switchTools(dependencies.toolbox, access) });
  const guard = { guardrails: compileGuardrails(bundle.guardrails), observe: counted.guardrail };
  if (bundle.precision === undefined) return guardAgent(agent, guard);
  const tools = bundle.tools.map(({ name }) => name);
  const precision = createPrecision({ spec: bundle.precision, tools, initial: learnt?.initial });
  return createPreciseAgent(agent, {
    guard,
    precision,
    clock,
    observe: logged(counted.precision(precision, tools), dependencies),
    store: learnt?.store,
    agentId: `${bundle.agent.namespace}/${bundle.agent.name}`,
    onStoreError: (error) => logger.warn({ err: error }, 'what a request has taught was not stored'),
  });
}

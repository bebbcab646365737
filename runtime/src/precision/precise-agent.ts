import type { Agent } from '../agent/agent.ts';
import { mayBeWithheld } from '../agent/citing.ts';
import { guardAgent, type GuardedAgent, type GuardOptions } from '../guardrails/guarded-agent.ts';
import { TurnDeferred } from '../jobs/batches/turn-deferred.ts';
import type { Clock } from '../platform/clock.ts';
import type { PrecisionStore } from '../store/precision/precision-store.ts';
import { beginRun, type ObservePrecision } from './adaptive-run.ts';
import type { Precision } from './precision.ts';
import { recordRun } from './record-run.ts';

export interface PreciseAgentOptions {
  readonly guard: Omit<GuardOptions, 'withTools'>;
  readonly precision: Precision;
  readonly clock: Clock;
  readonly observe: ObservePrecision;
  /** Not set: what is learnt ends with the process. */
  readonly store?: PrecisionStore | undefined;
  /** Names the agent in the store. */
  readonly agentId: string;
  /** Told of a store that did not keep a run. */
  readonly onStoreError: (error: unknown) => void;
}

/** An agent with its rules that also learns how far its tools can be relied on, and changes its ways when they cannot. */
export function createPreciseAgent(agent: Agent, { guard, precision, clock, observe, store, agentId, onStoreError }: PreciseAgentOptions): GuardedAgent {
  return {
    run: async (request, options) => {
      // A policy that offers the search later must not have let the answer stream before.
      const run = mayBeWithheld(agent.toolbox) ? { ...options, listener: { ...options.listener, onText: undefined } } : options;
      // What servers list may change between requests.
      const tools = agent.toolbox.descriptions.map(({ name }) => name);
      const onAdaptation: ObservePrecision['onAdaptation'] = (event) => observe.onAdaptation(event, request.requestId);
      const adaptive = beginRun({ precision, tools, clock, observe: { ...observe, onAdaptation } });
      let status: 'completed' | 'failed' | 'deferred' = 'failed';
      try {
        const result = await guardAgent(agent, { ...guard, withTools: adaptive.wrap }).run(request, run);
        status = result.status === 'error' ? 'failed' : 'completed';
        return result;
      } catch (error) {
        if (error instanceof TurnDeferred) status = 'deferred';
        throw error;
      } finally {
        // The answer does not wait for its record.
        if (store !== undefined && status !== 'deferred') void recordRun(store, { sessionId: request.requestId, agentId, record: adaptive.record(), status }, onStoreError);
      }
    },
  };
}

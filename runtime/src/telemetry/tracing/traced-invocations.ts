import type { AgentBundle } from '@sluice/crds';
import { TurnDeferred } from '../../jobs/batches/turn-deferred.ts';
import { addUsage } from '../../providers/token-usage.ts';
import type { TokenUsage } from '../../providers/model-client.ts';
import { tenantOf, type InvocationService, type InvokeOptions } from '../../server/invocation.ts';
import type { InvokeRequest } from '../../server/contract.ts';
import { problemOf } from '../../server/problem.ts';
import { secondsSince, type Instruments } from './instruments.ts';
import type { SpanAttributes } from './names.ts';
import { providerName } from './traced-model.ts';

export interface TracedAgent {
  readonly bundle: AgentBundle;
  readonly revision: string;
}

function attributesOf({ bundle: { agent, model }, revision }: TracedAgent, request: InvokeRequest, { principal }: InvokeOptions): SpanAttributes {
  return {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': providerName(model.provider),
    'gen_ai.request.model': model.name,
    'gen_ai.agent.name': agent.name,
    'gen_ai.agent.id': `${agent.namespace}/${agent.name}`,
    'gen_ai.agent.version': revision,
    'gen_ai.conversation.id': request.session_id,
    'sluice.tenant_id': tenantOf(request, principal),
  };
}

/** Tells of each question that the agent works on. Never what was asked or answered. */
export function traceInvocations(service: InvocationService, agent: TracedAgent, { tracing, record, clock }: Instruments): InvocationService {
  const labels = { 'gen_ai.agent.name': agent.bundle.agent.name };
  return {
    invoke: async (request, call) =>
      await tracing.within({ span: 'agent', attributes: attributesOf(agent, request, call) }, async (span) => {
        const started = clock.now();
        const took = (error?: string): void => record('gen_ai.invoke_agent.duration', secondsSince(clock, started), { ...labels, 'error.type': error });
        let spent: TokenUsage = { inputTokens: 0, outputTokens: 0 };
        const onUsage = (usage: TokenUsage): void => {
          spent = addUsage(spent, usage);
          call.listener.onUsage?.(usage);
        };
        try {
          const response = await service.invoke(request, { ...call, listener: { ...call.listener, onUsage } });
          span.set({ 'sluice.outcome': response.status, 'sluice.blocked_by_rule': response.blocked_by_rule });
          if (response.status === 'error') span.fail(response.blocked_by_rule === undefined ? 'no_answer' : 'blocked_by_rule');
          took(response.status === 'error' ? 'no_answer' : undefined);
          return response;
        } catch (error) {
          if (error instanceof TurnDeferred) throw error;
          const { outcome, slug } = problemOf(error);
          span.set({ 'sluice.outcome': outcome });
          took(slug);
          throw error;
        } finally {
          span.set({ 'gen_ai.usage.input_tokens': spent.inputTokens, 'gen_ai.usage.output_tokens': spent.outputTokens, 'sluice.cost_dollars': spent.dollars });
        }
      }),
  };
}

import { type AgentAnswer, AgentFailure, type AgentQuestion, type AgentUnderTest, type OnCost } from '@sluice/evals';
import type { AgentResult } from '../agent/agent-result.ts';
import type { Agent } from '../agent/agent.ts';
import { compileGuardrails, type Guardrails } from '../guardrails/compile-guardrails.ts';
import { guardAgent } from '../guardrails/guarded-agent.ts';
import type { ModelMessage, TokenUsage } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { tokenCost, type TokenPrice } from '../providers/token-price.ts';
import { modelRefusalRule } from '../telemetry/request-metrics.ts';
import { createStubbedToolbox, type StubbedToolbox } from './stubbed-toolbox.ts';

export interface JudgedAs {
  /** Of its model; without it no cost is told. */
  readonly price: TokenPrice | undefined;
  /** Default: no rules. */
  readonly guardrails?: Guardrails;
}

/** The agent of this runtime with its rules, as the evaluation engine asks it. */
export function createAgentUnderTest(agent: Agent, { price, guardrails = compileGuardrails(undefined) }: JudgedAs): AgentUnderTest {
  return {
    answer: async (question, signal, onCost) => {
      const stubbed = createStubbedToolbox(agent.toolbox, question);
      try {
        const request = { requestId: `eval-${question.id}`, text: question.text, history: question.history.map(messageOf) };
          const guarded = guardAgent({ ...agent, toolbox: stubbed.toolbox }, { guardrails, observe: () => {} });
          return answerOf(await guarded.run(request, { signal, listener: { onUsage: (usage) => tellCost(usage, price, onCost) } }), stubbed);
      } catch (error) {
        // Its sentence is our own; what the provider said stays in `cause`.
        throw error instanceof ModelError ? new AgentFailure(error.message, { cause: error }) : error;
      }
    },
  };
}

function tellCost(usage: TokenUsage, price: TokenPrice | undefined, onCost: OnCost): void {
  if (price !== undefined) onCost(tokenCost(usage, price));
}

function messageOf({ role, text }: AgentQuestion['history'][number]): ModelMessage {
  return role === 'User' ? { role: 'user', text } : { role: 'assistant', text, toolCalls: [] };
}

/** Without an answer, `answer` says why, which is not the agent's text. */
function answerOf({ status, answer, evidence, refused, blockedBy, approvals = [] }: AgentResult, { calls }: StubbedToolbox): AgentAnswer {
  const rules = [blockedBy, refused === true ? modelRefusalRule : undefined].filter((rule) => rule !== undefined);
  const told = { toolCalls: calls, citations: evidence.map(({ tool }) => tool), approvalsRequested: approvals.map(({ tool }) => tool), blockedByRules: rules };
  if (status !== 'error') return { answer, ending: 'answered', ...told };
  return { answer: '', ending: rules.length > 0 ? 'refused' : 'none', ...told };
}

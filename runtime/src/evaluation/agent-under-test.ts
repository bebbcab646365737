import { type AgentAnswer, AgentFailure, type AgentQuestion, type AgentUnderTest, type OnCost } from '@sluice/evals';
import type { AgentResult } from '../agent/agent-result.ts';
import { runAgent, type Agent } from '../agent/agent.ts';
import type { ModelMessage, TokenUsage } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { tokenCost, type TokenPrice } from '../telemetry/cost-metrics.ts';
import { modelRefusalRule } from '../telemetry/request-metrics.ts';
import { createStubbedToolbox, type StubbedToolbox } from './stubbed-toolbox.ts';

/** The agent of this runtime, as the evaluation engine asks it. Without a price of its model it tells no cost. */
export function createAgentUnderTest(agent: Agent, price: TokenPrice | undefined): AgentUnderTest {
  return {
    answer: async (question, signal, onCost) => {
      const stubbed = createStubbedToolbox(agent.toolbox, question);
      try {
        const request = { requestId: `eval-${question.id}`, text: question.text, history: question.history.map(messageOf) };
        return answerOf(await runAgent({ ...agent, toolbox: stubbed.toolbox }, request, { signal, listener: { onUsage: (usage) => tellCost(usage, price, onCost) } }), stubbed);
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
function answerOf({ status, answer, evidence, refused }: AgentResult, { calls }: StubbedToolbox): AgentAnswer {
  const told = { toolCalls: calls, citations: evidence.map(({ tool }) => tool), blockedByRules: refused === true ? [modelRefusalRule] : [] };
  if (status !== 'error') return { answer, ending: 'answered', ...told };
  return { answer: '', ending: refused === true ? 'refused' : 'none', ...told };
}

import { type AgentAnswer, AgentFailure, type AgentQuestion, type AgentUnderTest } from '@sluice/evals';
import type { AgentResult } from '../agent/agent-result.ts';
import type { Agent } from '../agent/agent.ts';
import { compileGuardrails, type Guardrails } from '../guardrails/compile-guardrails.ts';
import { guardAgent } from '../guardrails/guarded-agent.ts';
import type { ModelMessage } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { createStubbedToolbox, type StubbedToolbox } from './stubbed-toolbox.ts';

/** The agent of this runtime with its rules, as the evaluation engine asks it. */
export function createAgentUnderTest(agent: Agent, guardrails: Guardrails = compileGuardrails(undefined)): AgentUnderTest {
  return {
    answer: async (question, signal) => {
      const stubbed = createStubbedToolbox(agent.toolbox, question);
      try {
        const request = { requestId: `eval-${question.id}`, text: question.text, history: question.history.map(messageOf) };
        return answerOf(await guardAgent({ ...agent, toolbox: stubbed.toolbox }, { guardrails, observe: () => {} }).run(request, { signal, listener: {} }), stubbed);
      } catch (error) {
        // Its sentence is our own; what the provider said stays in `cause`.
        throw error instanceof ModelError ? new AgentFailure(error.message, { cause: error }) : error;
      }
    },
  };
}

function messageOf({ role, text }: AgentQuestion['history'][number]): ModelMessage {
  return role === 'User' ? { role: 'user', text } : { role: 'assistant', text, toolCalls: [] };
}

/** Without an answer, `answer` says why, which is not the agent's text. */
function answerOf({ status, answer, evidence, refused, blockedBy }: AgentResult, { calls }: StubbedToolbox): AgentAnswer {
  const citations = evidence.map(({ tool }) => tool);
  const blockedByRules = blockedBy === undefined ? [] : [blockedBy];
  if (status !== 'error') return { answer, ending: 'answered', toolCalls: calls, citations, blockedByRules };
  return { answer: '', ending: refused === true || blockedBy !== undefined ? 'refused' : 'none', toolCalls: calls, citations, blockedByRules };
}

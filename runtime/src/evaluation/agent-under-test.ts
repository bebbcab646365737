import { type AgentAnswer, AgentFailure, type AgentQuestion, type AgentUnderTest } from '@sluice/evals';
import type { AgentResult } from '../agent/agent-result.ts';
import { runAgent, type Agent } from '../agent/agent.ts';
import type { ModelMessage } from '../providers/model-client.ts';
import { ModelError } from '../providers/model-error.ts';
import { createStubbedToolbox, type StubbedToolbox } from './stubbed-toolbox.ts';

/** The agent of this runtime, as the evaluation engine asks it. */
export function createAgentUnderTest(agent: Agent): AgentUnderTest {
  return {
    answer: async (question, signal) => {
      const stubbed = createStubbedToolbox(agent.toolbox, question);
      try {
        const request = { requestId: `eval-${question.id}`, text: question.text, history: question.history.map(messageOf) };
        return answerOf(await runAgent({ ...agent, toolbox: stubbed.toolbox }, request, { signal, listener: {} }), stubbed);
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
function answerOf({ status, answer, evidence, refused }: AgentResult, { calls }: StubbedToolbox): AgentAnswer {
  const citations = evidence.map(({ tool }) => tool);
  if (status !== 'error') return { answer, ending: 'answered', toolCalls: calls, citations };
  return { answer: '', ending: refused === true ? 'refused' : 'none', toolCalls: calls, citations };
}

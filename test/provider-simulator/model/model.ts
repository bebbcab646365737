import { question, type Conversation, type Reply } from './conversation.ts';
import { answerFromPrompt } from './knowledge.ts';
import { answerFromResults } from './tool-answer.ts';
import { chooseCalls } from './tool-choice.ts';

/**
 * The simulated model: a pure function of the conversation. It knows what its system prompt says and what its tools tell it,
 * nothing else, so a prompt that lacks a policy, or states a wrong one, shows in the answers.
 */
export function reply(conversation: Conversation): Reply {
  const results = conversation.turns.at(-1)?.toolResults ?? [];
  if (results.length > 0) return { text: answerFromResults(results, conversation.turns), toolCalls: [] };
  const toolCalls = chooseCalls(conversation);
  if (toolCalls.length > 0) return { text: 'Let me look that up.', toolCalls };
  return { text: answerFromPrompt(conversation.system, question(conversation)), toolCalls: [] };
}

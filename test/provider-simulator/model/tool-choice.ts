import { question, type Conversation, type OfferedTool, type WantedCall } from './conversation.ts';
import { extractArguments } from './tool-arguments.ts';
import { identifierWords, shared, significantWords } from './words.ts';

/**
 * The tool calls the model makes: the offered tool whose name and description share the most words with the question and whose
 * needed arguments are in it; several calls when the question names several objects ("orders 17 and 18"). Empty: no tool fits.
 */
export function chooseCalls(conversation: Conversation): readonly WantedCall[] {
  if (conversation.toolChoice === 'none') return [];
  const asked = question(conversation);
  const fitting = conversation.tools
    .map((tool) => ({ score: relevance(tool, conversation, asked), calls: callsOf(tool, asked) }))
    .filter(({ score, calls }) => score > 0 && calls.length > 0);
  const best = fitting.reduce<(typeof fitting)[number] | undefined>((top, next) => (top && top.score >= next.score ? top : next), undefined);
  return best?.calls.slice(0, conversation.maxToolCalls) ?? [];
}

function relevance(tool: OfferedTool, { toolChoice }: Conversation, asked: string): number {
  if (typeof toolChoice === 'object') return toolChoice.name === tool.name ? 1 : 0;
  const words = [...identifierWords(tool.name), ...significantWords(tool.description)];
  const matches = shared(significantWords(asked), words);
  // A forced call takes the first tool when none matches.
  return toolChoice === 'any' ? matches + 0.5 : matches;
}

function callsOf(tool: OfferedTool, asked: string): readonly WantedCall[] {
  return extractArguments(tool.schema, asked).map((found) => ({ name: tool.name, arguments: found }));
}

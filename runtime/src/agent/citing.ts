import { citedPassages } from '../knowledge/citations.ts';
import type { Passage } from '../knowledge/passage.ts';
import type { ModelMessage } from '../providers/model-client.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { AgentResult } from './agent-result.ts';

/** What searches of a request have found. */
export interface Found {
  readonly passages: readonly Passage[];
  /** Those of which an answer must cite one. */
  readonly mustCite: readonly Passage[];
}

export const nothingFound: Found = { passages: [], mustCite: [] };

/** Said to the model once when its answer cites nothing. */
export const askToCite: ModelMessage = {
  role: 'user',
  text: 'Your answer cites none of the passages that were found. Give the answer again and put the mark of each passage that it rests on in brackets behind what it supports. If the passages do not support an answer, search again or say which of them you looked at, by their marks.',
};

export const uncitedAnswer = 'No answer: what the model said cites none of the documents that were found, and an answer must.';

/** The answer with the passages that it cites, or `uncited` when it may not stand like this. */
export function withCitations(result: AgentResult, { passages, mustCite }: Found): AgentResult | 'uncited' {
  if (result.status === 'error') return result;
  const citations = citedPassages(result.answer, passages);
  if (mustCite.length > 0 && !mustCite.some(({ mark }) => citations.some((cited) => cited.mark === mark))) return 'uncited';
  return citations.length === 0 ? result : { ...result, citations };
}

/** Whether an answer must cite what a tool of the agent finds. */
export function mayBeWithheld(toolbox: Toolbox): boolean {
  return toolbox.descriptions.some(({ name }) => toolbox.mustCite?.(name) === true);
}

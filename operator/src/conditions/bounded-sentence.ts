import { wholeWords } from '../whole-words.ts';

/** A sentence as a condition, or the status of an agent, may have it. A longer one, such as a webhook may answer with, would have the whole status refused. */
export function conditionMessage(message: string): string {
  return wholeWords(message, 16_384);
}

/** A sentence in the record of an attempt, which keeps up to 64 of them: all together have to fit into one object. */
export function recordedSentence(sentence: string): string {
  return wholeWords(sentence, 4_096);
}

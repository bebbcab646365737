import { sentences, significantWords } from './words.ts';

export const UNKNOWN_ANSWER = 'I am sorry, I do not know that.';

/** At most this many equally good sentences make one answer. */
const MAX_SENTENCES = 3;

interface Candidate {
  readonly sentence: string;
  readonly words: readonly string[];
}

interface Ranked extends Candidate {
  readonly matches: number;
  /** Sum over the shared words of 1 / number of sentences that hold it: a rare word decides a tie. */
  readonly rarity: number;
}

/** Answers from the system prompt alone: its sentence(s) that share the most subject words with the question, or that it does not know. */
export function answerFromPrompt(system: string, asked: string): string {
  const ranked = rank(candidates(system), significantWords(asked));
  const best = ranked.reduce<Ranked | undefined>((top, next) => (top === undefined || compare(next, top) > 0 ? next : top), undefined);
  if (best === undefined || best.matches === 0) return UNKNOWN_ANSWER;
  const equals = ranked.filter((candidate) => compare(candidate, best) === 0);
  return equals
    .slice(0, MAX_SENTENCES)
    .map(({ sentence }) => sentence)
    .join(' ');
}

/** Sentences about who the model is are no knowledge. */
function candidates(system: string): readonly Candidate[] {
  return sentences(system)
    .filter((sentence) => !/^(you are|your (name|role|task|job))\b/iu.test(sentence))
    .map((sentence) => ({ sentence, words: significantWords(sentence) }));
}

function rank(all: readonly Candidate[], asked: readonly string[]): readonly Ranked[] {
  const holders = (word: string): number => all.filter(({ words }) => words.includes(word)).length;
  return all.map((candidate) => {
    const common = asked.filter((word) => candidate.words.includes(word));
    return { ...candidate, matches: common.length, rarity: common.reduce((sum, word) => sum + 1 / holders(word), 0) };
  });
}

function compare(left: Ranked, right: Ranked): number {
  return left.matches - right.matches || left.rarity - right.rarity;
}

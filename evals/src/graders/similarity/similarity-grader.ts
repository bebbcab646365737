import type { Expectation } from '@sluice/crds';
import { fail, notMeasured, pass, type Finding } from '../finding.ts';
import type { Grader } from '../grader.ts';
import { cosineSimilarity, type Embedder } from './embedder.ts';

/** What begins as it should may go on otherwise. */
export const maximumComparedCharacters = 20_000;

type SimilarityExpectation = NonNullable<Expectation['similarTo']>;

/** Nearness of meaning to the nearest of the texts. Without a model nothing is measured: likeness of words is no likeness of meaning. */
export function similarityGrader({ texts, atLeast }: SimilarityExpectation, embedder: Embedder | undefined): Grader['grade'] {
  return async ({ answer }, { signal }) => {
    if (answer.length > maximumComparedCharacters) return notMeasured(`the answer has ${answer.length} characters, ${maximumComparedCharacters} at most are compared with similarTo.texts, and never a part of it`);
    if (embedder === undefined) return notMeasured('similarTo needs an embedding model, and none is mounted');
    const [vector, ...references] = await embedder.embed([answer, ...texts], signal);
    if (vector === undefined || references.length !== texts.length) return notMeasured('the embedding model gave no vector');
    return judged(references.map((reference) => cosineSimilarity(vector, reference)), atLeast);
  };
}

function judged(similarities: readonly number[], atLeast: number): Finding {
  if (similarities.some(Number.isNaN)) return notMeasured('the embedding model knows no word of the answer or of similarTo.texts');
  const nearest = Math.max(...similarities);
  return nearest >= atLeast ? pass : fail(`has a similarity of ${nearest.toFixed(3)}, below ${atLeast}`);
}

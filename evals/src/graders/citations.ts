import type { Transcript } from '../transcript.ts';
import { fail, notMeasured, pass, type Finding } from './finding.ts';
import { folded } from './folded.ts';

export interface CitationExpectation {
  readonly atLeast: number;
  readonly sources?: readonly string[] | undefined;
}

/** How many different sources the answer rests on: what the agent says it rests on, and named sources that the answer holds. */
export function gradeCitations({ atLeast, sources }: CitationExpectation, { answer, citations }: Pick<Transcript, 'answer' | 'citations'>): Finding {
  if (sources === undefined && citations === undefined) return notMeasured('the agent does not tell what its answers rest on; name mustCite.sources');
  const text = folded(answer);
  const told = new Set(citations);
  const count = sources === undefined ? told.size : new Set(sources.filter((source) => told.has(source) || text.includes(folded(source)))).size;
  return count >= atLeast ? pass : fail(`cites ${count} of the ${atLeast} sources that it must`);
}

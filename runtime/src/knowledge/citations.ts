import type { Passage } from './passage.ts';

/** Brackets as models write them: one mark, or several with commas or semicolons between them. */
const brackets = /\[([^[\]\n]{1,600})\]/g;

function marksIn(answer: string): ReadonlySet<string> {
  return new Set([...answer.matchAll(brackets)].flatMap(([, inside = '']) => inside.split(/[,;]/).map((mark) => mark.trim())));
}

/** The passages that an answer cites, each once, in the order in which they were found. Marks that no search gave count for nothing. */
export function citedPassages(answer: string, found: readonly Passage[]): readonly Passage[] {
  const marks = marksIn(answer);
  const byMark = new Map(found.map((passage) => [passage.mark, passage]));
  return [...byMark.values()].filter(({ mark }) => marks.has(mark));
}

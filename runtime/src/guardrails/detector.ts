import { compileLinear, type LinearPattern, type Span } from './linear-pattern.ts';
import { openMatches, type OpenMatches } from './open-matches.ts';

/** Finds what a rule forbids in a text. Whether a part is one depends on nothing but it and the characters beside it. */
export interface Detector {
  readonly isIn: (text: string) => boolean;
  /** The leftmost part that begins at `from` or later. */
  readonly find: (text: string, from: number) => Span | undefined;
  readonly follow: () => OpenMatches;
}

/** How many characters of a match, from its beginning, are what is looked for; 0 for none, as of a number whose check digit is wrong. `before` is the unit of the text beside it. */
export type AcceptedLength = (match: string, before: string) => number;

export function patternDetector(pattern: LinearPattern, accepted: AcceptedLength = (match) => match.length): Detector {
  const find = (text: string, from: number): Span | undefined => {
    for (let place = from; place <= text.length; ) {
      const span = pattern.find(text, place);
      if (span === undefined) return undefined;
      const length = accepted(text.slice(span.start, span.end), text.charAt(span.start - 1));
      if (length > 0) return { start: span.start, end: span.start + length };
      place = span.start + 1;
    }
    return undefined;
  };
  return { isIn: (text) => pattern.isIn(text) && find(text, 0) !== undefined, find, follow: () => openMatches(pattern.program) };
}

/** Throws PatternError. */
export function detectorOf(source: string, accepted?: AcceptedLength): Detector {
  return patternDetector(compileLinear(source), accepted);
}

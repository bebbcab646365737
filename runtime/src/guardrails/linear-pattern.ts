import { patternFault } from '@sluice/evals/pattern-fault';
import { RE2JS } from 're2js';

/** Instructions of a compiled pattern: the time for each character grows with them. */
const maximumProgramSize = 4_000;

/** A part of a text, in UTF-16 units, the end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One instruction of the compiled program, as far as it is followed here. */
export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly matchRune: (codePoint: number) => boolean;
}

export interface Program {
  readonly start: number;
  readonly instructions: readonly Instruction[];
}

/** A pattern that takes time linear in the text, whatever the text is. */
export interface LinearPattern {
  readonly source: string;
  readonly program: Program;
  readonly isIn: (text: string) => boolean;
  /** The leftmost match that begins at `from` or later; what stands before `from` is context. */
  readonly find: (text: string, from: number) => Span | undefined;
}

/** A pattern that can't be used; the message says why and what to write. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

function compiled(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const { why, isUnsupported } = patternFault(cause);
    throw new PatternError(`is no regular expression of RE2 (${why}): ${isUnsupported ? 'write it without lookarounds, back references and counts above 1000' : 'correct it'}`, { cause });
  }
}

/** Compiles a pattern in the syntax of RE2, which never backtracks. Throws PatternError, also for one that matches the empty text, which every text holds. */
export function compileLinear(source: string): LinearPattern {
  const pattern = compiled(source);
  if (pattern.programSize() > maximumProgramSize) throw new PatternError(`is too large (${pattern.programSize()} instructions, ${maximumProgramSize} at most): use smaller counts in {}`);
  if (pattern.test('')) throw new PatternError('matches the empty text, which is in every text: let it need one character at least');
  const { inst, start } = pattern.re2().prog as { readonly inst: readonly Instruction[]; readonly start: number };
  return {
    source,
    program: { start, instructions: inst },
    isIn: (text) => pattern.test(text),
    find: (text, from) => {
      const matcher = pattern.matcher(text);
      return matcher.find(from) ? { start: matcher.start(), end: matcher.end() } : undefined;
    },
  };
}

import { RE2JS } from 're2js';
import { fail, named, pass, type Finding } from './finding.ts';
import { GraderError } from './grader.ts';

/** Instructions of a compiled pattern: time per character of an answer grows with them. */
const maximumProgramSize = 10_000;

/** A pattern that takes time linear in the text, whatever the text is. */
export interface LinearPattern {
  readonly source: string;
  readonly isIn: (text: string) => boolean;
}

/**
 * Compiles a pattern in the syntax of RE2, which never backtracks. Throws GraderError, with what to do about it, for one that
 * does not compile: what only a backtracking engine can do is refused here and not tried.
 */
export function compilePattern(field: string, source: string): LinearPattern {
  const pattern = compiled(field, source);
  if (pattern.programSize() > maximumProgramSize) throw new GraderError(field, `${named(source)} is too large (${pattern.programSize()} instructions, ${maximumProgramSize} at most): use smaller counts in {}`);
  return { source, isIn: (text) => pattern.matcher(text).find() };
}

function compiled(field: string, source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace('error parsing regexp: ', '') : 'cannot be read';
    throw new GraderError(field, `${named(source)} is no regular expression of RE2 (${why}): lookarounds, back references and counts above 1000 are not supported; write it without them`, { cause });
  }
}

/** Every pattern must match a part of the answer. */
export function gradeMatches(patterns: readonly LinearPattern[], answer: string): Finding {
  const missing = patterns.find((pattern) => !pattern.isIn(answer));
  return missing === undefined ? pass : fail(`does not match ${named(missing.source)}`);
}

/** No pattern may match a part of the answer. */
export function gradeNotMatches(patterns: readonly LinearPattern[], answer: string): Finding {
  const forbidden = patterns.find((pattern) => pattern.isIn(answer));
  return forbidden === undefined ? pass : fail(`matches ${named(forbidden.source)}, which it must not`);
}

import { RE2JS } from 're2js';
import { patternFault } from '../pattern-fault.ts';
import type { CheckTime, TimedAnswer } from './check-time.ts';
import { fail, named, notMeasured, pass, type Finding } from './finding.ts';
import { GraderError } from './grader.ts';

/** Instructions of a compiled pattern: time per character of an answer grows with them. */
const maximumProgramSize = 10_000;

/** Instructions times characters that take no second. */
const quickSteps = 2_000_000;

/** A pattern that takes time linear in the text, whatever the text is. */
export interface LinearPattern {
  readonly source: string;
  /** Linear in both, the largest pattern and the longest answer would take half an hour. */
  readonly isIn: (text: string, time: CheckTime) => boolean | 'OutOfTime';
}

/**
 * Compiles a pattern in the syntax of RE2, which never backtracks. Throws GraderError, with what to do about it, for one that
 * does not compile: what only a backtracking engine can do is refused here and not tried.
 */
export function compilePattern(field: string, source: string): LinearPattern {
  const pattern = compiled(field, source);
  if (pattern.programSize() > maximumProgramSize) throw new GraderError(field, `${named(source)} is too large (${pattern.programSize()} instructions, ${maximumProgramSize} at most): use smaller counts in {}`);
  const find = (text: string): boolean => pattern.matcher(text).find();
  return {
    source,
    isIn: (text, time) => {
      const isQuick = pattern.programSize() * text.length <= quickSteps;
      const found = isQuick ? time.quick(() => find(text)) : time.bounded(() => find(text));
      return found.kind === 'Done' ? found.value : 'OutOfTime';
    },
  };
}

function compiled(field: string, source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const { why, isUnsupported } = patternFault(cause);
    const fix = isUnsupported ? ': lookarounds, back references and counts above 1000 are not supported; write it without them' : '; correct it';
    throw new GraderError(field, `${named(source)} is no regular expression of RE2 (${why})${fix}`, { cause });
  }
}

/** Every pattern must match a part of the answer. */
export function gradeMatches(patterns: readonly LinearPattern[], timed: TimedAnswer): Finding {
  return firstUnmet(patterns, timed, (isFound, { source }) => (isFound ? pass : fail(`does not match ${named(source)}`)));
}

/** No pattern may match a part of the answer. */
export function gradeNotMatches(patterns: readonly LinearPattern[], timed: TimedAnswer): Finding {
  return firstUnmet(patterns, timed, (isFound, { source }) => (isFound ? fail(`matches ${named(source)}, which it must not`) : pass));
}

/** One after the other: what comes after the first that is no pass is not asked. */
function firstUnmet(patterns: readonly LinearPattern[], { answer, time }: TimedAnswer, findingOf: (isFound: boolean, pattern: LinearPattern) => Finding): Finding {
  const findings = patterns.values().map((pattern) => {
    const found = pattern.isIn(answer, time);
    return found === 'OutOfTime' ? notMeasured(`${named(pattern.source)} cannot be held against so long an answer in time: use smaller counts in {}, or fewer patterns in a case`) : findingOf(found, pattern);
  });
  return findings.find(({ verdict }) => verdict !== 'Pass') ?? pass;
}

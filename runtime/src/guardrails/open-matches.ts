import type { Program } from './linear-pattern.ts';

/**
 * Follows a text that comes in pieces and knows where a match may still be open: no match begins before that place and goes on after
 * what was read. So whatever stands before it can be judged once and for all.
 */
export interface OpenMatches {
  /** Reads on. Returns the start of the oldest match that more text could lengthen, change or bring about, in UTF-16 units from the beginning of the text. */
  readonly read: (text: string) => number;
  /** Whether any match has been completed so far. */
  readonly seen: () => boolean;
}

/** Instructions and conditions of re2js 2.10, in the numbers of its `Inst` and `Utils`. */
const op = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, match: 6, nop: 7, rune: 8, rune1: 9, any: 10, anyNotNewline: 11 } as const;
const at = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 } as const;

const outside = -1;
const newline = 10;

function isWord(codePoint: number): boolean {
  return (codePoint >= 97 && codePoint <= 122) || (codePoint >= 65 && codePoint <= 90) || (codePoint >= 48 && codePoint <= 57) || codePoint === 95;
}

function conditionsBetween(before: number, after: number): number {
  let found = isWord(before) === isWord(after) ? at.noWordBoundary : at.wordBoundary;
  if (before === outside) found |= at.beginText | at.beginLine;
  if (before === newline) found |= at.beginLine;
  if (after === outside) found |= at.endText | at.endLine;
  if (after === newline) found |= at.endLine;
  return found;
}

/** Program counters with the earliest start of the matches that are there: two that are at the same one have the same future. */
type Threads = Map<number, number>;

interface Closure {
  readonly program: Program;
  readonly conditions: number;
  /** Threads that wait for a character. */
  readonly waiting: Threads;
  readonly visited: Threads;
  matched: 'yes' | 'no';
}

/** Follows everything that takes no character. */
function follow(closure: Closure, counter: number, start: number): void {
  const stack = [counter];
  for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
    const known = closure.visited.get(pc);
    if (known !== undefined && known <= start) continue;
    closure.visited.set(pc, start);
    const instruction = closure.program.instructions[pc];
    if (instruction === undefined) continue;
    if (instruction.op >= op.rune) closure.waiting.set(pc, start);
    else if (instruction.op === op.match) closure.matched = 'yes';
    else if (instruction.op === op.alt || instruction.op === op.altMatch) stack.push(instruction.out, instruction.arg);
    else if (instruction.op === op.capture || instruction.op === op.nop) stack.push(instruction.out);
    else if (instruction.op === op.emptyWidth && (instruction.arg & ~closure.conditions) === 0) stack.push(instruction.out);
  }
}

function takes(program: Program, pc: number, codePoint: number): boolean {
  const instruction = program.instructions[pc];
  if (instruction === undefined) return false;
  if (instruction.op === op.any) return true;
  return instruction.op === op.anyNotNewline ? codePoint !== newline : instruction.matchRune(codePoint);
}

function step(program: Program, waiting: Threads, codePoint: number): Threads {
  const next: Threads = new Map();
  for (const [pc, start] of waiting) {
    const out = program.instructions[pc]?.out;
    if (out === undefined || !takes(program, pc, codePoint)) continue;
    const known = next.get(out);
    if (known === undefined || start < known) next.set(out, start);
  }
  return next;
}

function oldest(threads: Threads, otherwise: number): number {
  let found = otherwise;
  for (const start of threads.values()) if (start < found) found = start;
  return found;
}

/** Half of a surrogate pair at the end waits for the other half. */
function completePart(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

/** Time grows with the characters and with the size of the program, whatever the text is. */
export function openMatches(program: Program): OpenMatches {
  let threads: Threads = new Map();
  let previous = outside;
  let position = 0;
  let rest = '';
  let seen = false;
  const readCodePoint = (codePoint: number): void => {
    const closure: Closure = { program, conditions: conditionsBetween(previous, codePoint), waiting: new Map(), visited: new Map(), matched: 'no' };
    for (const [pc, start] of threads) follow(closure, pc, start);
    follow(closure, program.start, position);
    seen ||= closure.matched === 'yes';
    threads = step(program, closure.waiting, codePoint);
    previous = codePoint;
    position += codePoint > 0xffff ? 2 : 1;
  };
  return {
    read: (text) => {
      const known = rest + text;
      const complete = completePart(known);
      rest = known.slice(complete.length);
      for (const character of complete) readCodePoint(character.codePointAt(0) ?? 0);
      return oldest(threads, position);
    },
    seen: () => seen,
  };
}

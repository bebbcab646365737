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
const condition = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 } as const;

const outside = -1;
const newline = 10;

function isWord(codePoint: number): boolean {
  return (codePoint >= 97 && codePoint <= 122) || (codePoint >= 65 && codePoint <= 90) || (codePoint >= 48 && codePoint <= 57) || codePoint === 95;
}

function conditionsBetween(before: number, after: number): number {
  let found = isWord(before) === isWord(after) ? condition.noWordBoundary : condition.wordBoundary;
  if (before === outside) found |= condition.beginText | condition.beginLine;
  if (before === newline) found |= condition.beginLine;
  if (after === outside) found |= condition.endText | condition.endLine;
  if (after === newline) found |= condition.endLine;
  return found;
}

/** Threads at program counters, each with the earliest start of the matches that are there: two at the same one have the same future. */
class Threads {
  readonly counters: number[] = [];
  readonly #starts: Float64Array;
  readonly #present: Uint8Array;

  constructor(size: number) {
    this.#starts = new Float64Array(size);
    this.#present = new Uint8Array(size);
  }

  /** Whether this is news: nothing was there that began as early. */
  add(counter: number, start: number): boolean {
    if (this.#present[counter] === 1) {
      if (start >= this.startAt(counter)) return false;
    } else {
      this.#present[counter] = 1;
      this.counters.push(counter);
    }
    this.#starts[counter] = start;
    return true;
  }

  startAt(counter: number): number {
    return this.#starts[counter] ?? 0;
  }

  clear(): void {
    for (const counter of this.counters) this.#present[counter] = 0;
    this.counters.length = 0;
  }

  oldest(otherwise: number): number {
    let found = otherwise;
    for (const counter of this.counters) if (this.startAt(counter) < found) found = this.startAt(counter);
    return found;
  }
}

/** What is used again at each character, so that reading makes no garbage. */
interface Work {
  readonly program: Program;
  readonly visited: Threads;
  /** Threads that wait for a character. */
  readonly waiting: Threads;
  readonly stack: number[];
}

/** Follows everything that takes no character. Returns whether a match ended here. */
function follow({ program, visited, waiting, stack }: Work, counter: number, at: { readonly start: number; readonly conditions: number }): boolean {
  let matched = false;
  stack.push(counter);
  for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
    const instruction = program.instructions[pc];
    if (instruction === undefined || !visited.add(pc, at.start)) continue;
    if (instruction.op >= op.rune) waiting.add(pc, at.start);
    else if (instruction.op === op.match) matched = true;
    else if (instruction.op === op.alt || instruction.op === op.altMatch) stack.push(instruction.out, instruction.arg);
    else if (instruction.op === op.capture || instruction.op === op.nop) stack.push(instruction.out);
    else if (instruction.op === op.emptyWidth && (instruction.arg & ~at.conditions) === 0) stack.push(instruction.out);
  }
  return matched;
}

function takes(program: Program, pc: number, codePoint: number): boolean {
  const instruction = program.instructions[pc];
  if (instruction === undefined) return false;
  if (instruction.op === op.any) return true;
  return instruction.op === op.anyNotNewline ? codePoint !== newline : instruction.matchRune(codePoint);
}

function step({ program, waiting }: Work, next: Threads, codePoint: number): void {
  for (const pc of waiting.counters) {
    const out = program.instructions[pc]?.out;
    if (out !== undefined && takes(program, pc, codePoint)) next.add(out, waiting.startAt(pc));
  }
}

const asciiSize = 128;
const conditionSize = 64;

/** Half of a surrogate pair at the end waits for the other half. */
function completePart(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

/** Time grows with the characters and with the size of the program, whatever the text is. */
export function openMatches(program: Program): OpenMatches {
  const size = program.instructions.length;
  const work: Work = { program, visited: new Threads(size), waiting: new Threads(size), stack: [] };
  let threads = new Threads(size);
  let spare = new Threads(size);
  // By conditions and ASCII character: whether no match can begin with it there. Most text is of such characters.
  const begins = new Uint8Array(conditionSize * asciiSize);
  const cannot = 1;
  let previous = outside;
  let position = 0;
  let rest = '';
  let seen = false;

  const advance = (codePoint: number): void => {
    previous = codePoint;
    position += codePoint > 0xffff ? 2 : 1;
  };
  const readCodePoint = (codePoint: number): void => {
    const conditions = conditionsBetween(previous, codePoint);
    const isFirst = threads.counters.length === 0;
    const known = isFirst && codePoint < asciiSize ? conditions * asciiSize + codePoint : undefined;
    if (known !== undefined && begins[known] === cannot) return advance(codePoint);
    work.visited.clear();
    work.waiting.clear();
    spare.clear();
    for (const pc of threads.counters) seen = follow(work, pc, { start: threads.startAt(pc), conditions }) || seen;
    seen = follow(work, program.start, { start: position, conditions }) || seen;
    step(work, spare, codePoint);
    [threads, spare] = [spare, threads];
    if (known !== undefined && threads.counters.length === 0) begins[known] = cannot;
    return advance(codePoint);
  };
  return {
    read: (text) => {
      const whole = rest + text;
      const complete = completePart(whole);
      rest = whole.slice(complete.length);
      for (const character of complete) readCodePoint(character.codePointAt(0) ?? 0);
      return threads.oldest(position);
    },
    seen: () => seen,
  };
}

import { SuiteError } from './suite-error.ts';

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

export interface LineLimits {
  /** Name of the file in errors. */
  readonly file: string;
  readonly maximumBytes: number;
  readonly maximumLineBytes: number;
}

const lineFeed = 0x0a;
/** Blank ones counted: a file of nothing but line feeds would take for ever. */
const maximumLines = 1_000_000;

/**
 * The lines of a UTF-8 file that aren't blank, one at a time. Never holds more than one line and one chunk: a file or a line that is
 * too long is refused as soon as that shows. Throws SuiteError.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, limits: LineLimits): AsyncGenerator<Line> {
  const reader = new LineReader(limits);
  for await (const chunk of chunks) yield* reader.push(chunk);
  yield* reader.end();
}

class LineReader {
  readonly #limits: LineLimits;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #pieces: Uint8Array[] = [];
  #pending = 0;
  #total = 0;
  #number = 1;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  *push(chunk: Uint8Array): Generator<Line> {
    this.#total += chunk.length;
    const { file, maximumBytes } = this.#limits;
    if (this.#total > maximumBytes) throw new SuiteError(file, `has more than ${megabytes(maximumBytes)}; split it into several suites`);
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      yield* this.#line();
    }
    this.#keep(chunk.subarray(from));
  }

  *end(): Generator<Line> {
    yield* this.#line();
  }

  #keep(piece: Uint8Array): void {
    this.#pending += piece.length;
    const { file, maximumLineBytes } = this.#limits;
    if (this.#pending > maximumLineBytes) throw new SuiteError(`${file}, line ${this.#number}`, `is longer than ${megabytes(maximumLineBytes)}; a line holds one case`);
    // A copy: streams may use the memory of a chunk again.
    if (piece.length > 0) this.#pieces.push(Uint8Array.from(piece));
  }

  *#line(): Generator<Line> {
    const number = this.#number;
    if (number > maximumLines) throw new SuiteError(this.#limits.file, `has more than ${maximumLines} lines; split it into several suites`);
    const text = this.#decode(Buffer.concat(this.#pieces)).trim();
    this.#pieces = [];
    this.#pending = 0;
    this.#number += 1;
    if (text !== '') yield { number, text };
  }

  #decode(bytes: Uint8Array): string {
    if (bytes.length === 0) return '';
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw new SuiteError(`${this.#limits.file}, line ${this.#number}`, 'is not UTF-8; save the file as UTF-8', { cause });
    }
  }
}

function megabytes(bytes: number): string {
  return `${bytes / 1_048_576} MiB`;
}

import { KubeError } from '../kube-error.ts';

const NEWLINE = 10;

export interface LineSplitterOptions {
  /** Bounds what an unfinished line may hold in memory. */
  readonly maxLineBytes: number;
  /** What the stream is, for the error of a longer line: `the watch`. */
  readonly of: string;
  /** What to do about it, for the same error. */
  readonly advice: string;
}

/**
 * Cuts a byte stream into lines. Cutting happens on bytes, before decoding, so a character spread over two chunks stays whole. Each line is
 * decoded on its own: a string of its own parses faster than a slice, and keeps nothing else alive.
 */
export class LineSplitter {
  readonly #options: LineSplitterOptions;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  /** The lines that `chunk` completes. Throws KubeError (reason `LineTooLong`). The chunk must not be reused while it is pending. */
  feed(chunk: Uint8Array): string[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      lines.push(this.#line(bytes, start, end));
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What follows the last newline; undefined when nothing does. */
  rest(): string | undefined {
    return this.#pendingBytes === 0 ? undefined : Buffer.concat(this.#pending).toString('utf8');
  }

  #line(bytes: Buffer, start: number, end: number): string {
    if (this.#pending.length === 0) return bytes.toString('utf8', start, end);
    const whole = Buffer.concat([...this.#pending, bytes.subarray(start, end)]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return whole.toString('utf8');
  }

  #keep(piece: Uint8Array): void {
    const { maxLineBytes, of, advice } = this.#options;
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes <= maxLineBytes) return;
    throw new KubeError({ code: 0, reason: 'LineTooLong', message: `a line of ${of} is longer than ${maxLineBytes} bytes; ${advice}` });
  }
}

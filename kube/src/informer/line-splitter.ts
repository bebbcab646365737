import { KubeError } from '../kube-error.ts';

const NEWLINE = 10;

/**
 * Cuts a byte stream into complete, non-empty lines. Cutting happens on bytes, before decoding, so a character spread over two chunks
 * stays whole. Each line is decoded on its own: a string of its own parses faster than a slice, and keeps nothing else alive.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** `maxLineBytes` bounds what an unfinished line may hold in memory. */
  constructor(options: { readonly maxLineBytes: number }) {
    this.#maxLineBytes = options.maxLineBytes;
  }

  /** The lines that `chunk` completes. Throws KubeError (reason `LineTooLong`). The chunk must not be reused while it is pending. */
  feed(chunk: Uint8Array): string[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const line = this.#line(bytes, start, end);
      if (line !== '') lines.push(line);
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  #line(bytes: Buffer, start: number, end: number): string {
    if (this.#pending.length === 0) return bytes.toString('utf8', start, end);
    const whole = Buffer.concat([...this.#pending, bytes.subarray(start, end)]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return whole.toString('utf8');
  }

  #keep(piece: Uint8Array): void {
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes <= this.#maxLineBytes) return;
    throw new KubeError({ code: 0, reason: 'LineTooLong', message: `a line of the watch is longer than ${this.#maxLineBytes} bytes; no object is: something else answers, or raise maxLineBytes` });
  }
}

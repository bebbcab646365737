import { KubeError } from '../kube-error.ts';

const NEWLINE = 10;

/**
 * Cuts a byte stream into complete, non-empty lines. Cutting happens on bytes, before decoding, so a character spread over two chunks
 * stays whole; all lines of a chunk are decoded at once. What stands after the last newline waits for the next chunk.
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
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#keep(chunk);
      return [];
    }
    const text = this.#text(chunk, end);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (end + 1 < chunk.length) this.#keep(chunk.subarray(end + 1));
    const lines = text.split('\n');
    return lines.includes('') ? lines.filter((line) => line !== '') : lines;
  }

  #text(chunk: Uint8Array, end: number): string {
    const bytes = this.#pending.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...this.#pending, chunk.subarray(0, end)]);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  #keep(piece: Uint8Array): void {
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes <= this.#maxLineBytes) return;
    throw new KubeError({ code: 0, reason: 'LineTooLong', message: `a line of the watch is longer than ${this.#maxLineBytes} bytes; no object is: something else answers, or raise maxLineBytes` });
  }
}

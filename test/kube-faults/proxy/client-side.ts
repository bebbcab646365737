import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Between a half chunk and the reset: a reset throws away what the peer has not read. */
const FLUSH_MS = 20;
const BYTE_MS = 1;
/** Bytes of one write that go out singly; the rest follows at once, so that a slow writer does not last for ever. */
const SLOW_BYTES = 400;

/** The connection to the client, and the ways in which a server can misbehave on it. */
export class ClientSide {
  readonly response: ServerResponse;
  readonly #socket: Socket;

  /** `socket` is the TCP socket under the TLS one. */
  constructor(response: ServerResponse, socket: Socket) {
    this.response = response;
    this.#socket = socket;
  }

  get gone(): boolean {
    return this.response.destroyed || this.#socket.destroyed;
  }

  reset(): void {
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
  }

  async write(text: string): Promise<void> {
    if (this.gone || this.response.write(text)) return;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        this.response.off('drain', goOn).off('close', goOn);
        resolve();
      };
      this.response.on('drain', goOn).on('close', goOn);
    });
  }

  /** Each byte in a packet of its own. */
  async writeSlowly(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (const byte of bytes.subarray(0, SLOW_BYTES)) {
      if (this.gone) return;
      this.response.write(Buffer.from([byte]));
      await new Promise((resolve) => { setTimeout(resolve, BYTE_MS); });
    }
    if (!this.gone && bytes.length > SLOW_BYTES) this.response.write(bytes.subarray(SLOW_BYTES));
  }

  /** Announces a chunk of the whole text, sends half of it and breaks the connection. The headers must be out. */
  halfChunk(text: string): void {
    const bytes = Buffer.from(text);
    const { socket } = this.response;
    socket?.write(`${bytes.length.toString(16)}\r\n`);
    socket?.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
    setTimeout(() => this.reset(), FLUSH_MS);
  }
}

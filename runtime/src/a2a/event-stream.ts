import { Readable } from 'node:stream';
import type { Clock } from '../platform/clock.ts';

const keepaliveMilliseconds = 15_000;
/** What may wait for a slow client, in bytes. */
const maximumBufferedBytes = 1_048_576;

/** Answers of the protocol as server-sent events, of which each is one JSON-RPC response. */
export interface ResponseStream {
  readonly readable: Readable;
  /** Does nothing when the client has left, or reads so slowly that its events piled up; its task goes on. */
  readonly send: (response: object) => void;
  readonly end: () => void;
}

export function createResponseStream(clock: Clock): ResponseStream {
  let cancelKeepalive = (): void => {};
  const readable = new Readable({
    highWaterMark: maximumBufferedBytes,
    read: () => {},
    destroy: (error, done) => {
      cancelKeepalive();
      done(error);
    },
  });
  const push = (text: string): void => {
    if (readable.destroyed || readable.readableEnded) return;
    readable.push(text);
    if (readable.readableLength > maximumBufferedBytes) readable.destroy();
  };
  const keepAlive = (): void => {
    push(': keepalive\n\n');
    if (!readable.destroyed) cancelKeepalive = clock.after(keepaliveMilliseconds, keepAlive);
  };
  cancelKeepalive = clock.after(keepaliveMilliseconds, keepAlive);
  return {
    readable,
    send: (response) => push(`data: ${JSON.stringify(response)}\n\n`),
    end: () => {
      cancelKeepalive();
      if (!readable.destroyed) readable.push(null);
    },
  };
}

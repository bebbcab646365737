import { Readable } from 'node:stream';
import type { Clock } from '../platform/clock.ts';

export type EventName = 'start' | 'delta' | 'tool_call' | 'tool_result' | 'done' | 'error';

/** A stream of server-sent events that one response sends. */
export interface EventStream {
  readonly readable: Readable;
  readonly send: (event: EventName, data: object) => void;
  /** After the last event. */
  readonly end: () => void;
}

export interface EventStreamOptions {
  readonly clock: Clock;
  /** Called once when a client reads so slowly that its events pile up; the stream is destroyed. */
  readonly onTooSlow: () => void;
}

const keepaliveMilliseconds = 15_000;

/** What may wait for a slow client, in bytes; then the request is given up rather than held in memory. */
export const maximumBufferedBytes = 1_048_576;

export function createEventStream(options: EventStreamOptions): EventStream {
  let nextId = 1;
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
    if (readable.readableLength <= maximumBufferedBytes) return;
    options.onTooSlow();
    readable.destroy();
  };
  const keepAlive = (): void => {
    push(': keepalive\n\n');
    cancelKeepalive = options.clock.after(keepaliveMilliseconds, keepAlive);
  };
  cancelKeepalive = options.clock.after(keepaliveMilliseconds, keepAlive);
  return {
    readable,
    // JSON has no line breaks of its own, so one data line always holds it.
    send: (event, data) => {
      push(`id: ${nextId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      nextId += 1;
    },
    end: () => {
      cancelKeepalive();
      if (!readable.destroyed) readable.push(null);
    },
  };
}

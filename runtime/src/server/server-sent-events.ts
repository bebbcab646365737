import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Clock } from '../platform/clock.ts';

/** A stream of server-sent events that one response sends. */
export interface EventStream {
  readonly readable: Readable;
  /** `id`: default the number of the event, from 1. */
  readonly send: (event: string, data: unknown, id?: number) => void;
  /** Sends what is written already. */
  readonly sendText: (text: string) => void;
  /** After the last event. */
  readonly end: () => void;
}

export interface EventStreamOptions {
  readonly clock: Clock;
  /** Called once when a client reads so slowly that its events pile up; the stream is destroyed. */
  readonly onTooSlow: () => void;
  /** Told when the client may take more, for what is sent as fast as it is read. */
  readonly onRead?: (() => void) | undefined;
}

const keepaliveMilliseconds = 15_000;

/** What may wait for a slow client beside its largest events, in bytes; then the request is given up rather than held in memory. */
export const maximumBufferedBytes = 1_048_576;

/** What waits for a client that is sent as much as it reads. */
export const readerBytes = 65_536;

/** One event as it goes over the wire. JSON has no line breaks of its own, so one data line always holds it. */
export function eventText({ id, event, data }: { readonly id: number; readonly event: string; readonly data: unknown }): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** `x-accel-buffering` keeps proxies that know it from holding the events back. */
export const eventStreamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' } as const;

/** So that what waits for a reader is little, however long the text. No character is cut in two. */
function* pieces(text: string): Generator<string> {
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = at + readerBytes;
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
    yield text.slice(at, end);
  }
}

/** Sends events that are there already, as fast as they are read. */
export function replayEvents(reply: FastifyReply, text: string): FastifyReply {
  return reply.headers({ ...eventStreamHeaders, 'idempotency-replayed': 'true' }).send(Readable.from(pieces(text)));
}

/** Begins the response. */
export function openEventStream(stream: EventStream, reply: FastifyReply): void {
  reply.headers(eventStreamHeaders);
  void reply.send(stream.readable);
}

export function createEventStream(options: EventStreamOptions): EventStream {
  let nextId = 1;
  // Bytes of the largest event so far.
  let largest = 0;
  let cancelKeepalive = (): void => {};
  const readable = new Readable({
    highWaterMark: options.onRead === undefined ? maximumBufferedBytes : readerBytes,
    read: () => options.onRead?.(),
    destroy: (error, done) => {
      cancelKeepalive();
      done(error);
    },
  });
  const push = (text: string): void => {
    if (readable.destroyed || readable.readableEnded) return;
    largest = Math.max(largest, Buffer.byteLength(text));
    readable.push(text);
    // An event that is larger than the limit by itself tells nothing of its reader; an answer may come as one piece, and again whole with its end.
    if (readable.readableLength <= maximumBufferedBytes + 2 * largest) return;
    options.onTooSlow();
    readable.destroy();
  };
  const keepAlive = (): void => {
    push(': keepalive\n\n');
    if (!readable.destroyed) cancelKeepalive = options.clock.after(keepaliveMilliseconds, keepAlive);
  };
  cancelKeepalive = options.clock.after(keepaliveMilliseconds, keepAlive);
  return {
    readable,
    send: (event, data, id = nextId) => {
      push(eventText({ id, event, data }));
      nextId = id + 1;
    },
    sendText: push,
    end: () => {
      cancelKeepalive();
      if (!readable.destroyed) readable.push(null);
    },
  };
}

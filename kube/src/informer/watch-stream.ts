import type { Clock } from '../clock.ts';
import { KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';
import { LineSplitter } from '../transport/line-splitter.ts';
import type { ByteStream } from '../transport/transport.ts';
import { startStallGuard } from './stall-guard.ts';
import { parseEvent, type WatchEvent } from './watch-event.ts';

export interface WatchStreamOptions<T extends KubeObject> {
  readonly clock: Clock;
  /** A stream without a complete line for this long, milliseconds, is taken for dead: bookmarks come about every minute. Asked after each chunk. */
  readonly stallMs: () => number;
  readonly maxLineBytes: number;
  /** Closes the connection. */
  readonly abort: () => void;
  readonly path: string;
  /** Takes one event; what it throws ends the stream. */
  readonly take: (event: WatchEvent<T>) => void;
  /** After the events of each chunk. */
  readonly settled: () => void;
}

/**
 * Reads a watch to its end, one call per event and one turn of the event loop per chunk. Throws KubeError: the ERROR event's status,
 * `Stalled`, `LineTooLong`, or `Malformed` when a line is not JSON.
 */
export async function readWatch<T extends KubeObject>(stream: ByteStream, options: WatchStreamOptions<T>): Promise<void> {
  const { clock, path, take, settled } = options;
  const at = { method: 'GET', path } as const;
  const watchedAt = { ...at, redact: stream.redact ?? ((text: string) => text) };
  const lines = new LineSplitter({ maxLineBytes: options.maxLineBytes, of: 'the watch', advice: 'no object is: something else answers, or raise maxLineBytes' });
  let limitMs = options.stallMs();
  const guard = startStallGuard(clock, limitMs, options.abort);
  try {
    for await (const chunk of stream) {
      const complete = lines.feed(chunk).filter((line) => line !== '');
      // Bytes that never make a line do not count as life.
      if (complete.length === 0) continue;
      guard.touch();
      for (const line of complete) take(parseEvent<T>(line, watchedAt));
      settled();
      if (options.stallMs() !== limitMs) guard.limit(limitMs = options.stallMs());
    }
  } catch (error) {
    if (guard.stalled) throw new KubeError({ ...at, code: 0, reason: 'Stalled', message: `the watch of ${path} was silent for ${limitMs} ms`, cause: error });
    throw error;
  } finally {
    guard.clear();
  }
}

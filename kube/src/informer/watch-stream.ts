import { isKubeObject } from '../client/response.ts';
import type { Clock } from '../clock.ts';
import { KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';
import { lineBatches } from '../transport/lines.ts';
import { statusEventError } from '../transport/status-error.ts';
import type { ByteStream } from '../transport/transport.ts';

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  /** An object that cannot be cached; the stream goes on. `resourceVersion` when it has one. */
  | { readonly type: 'MALFORMED'; readonly error: KubeError; readonly resourceVersion: string | undefined };

export interface WatchStreamOptions {
  readonly clock: Clock;
  /** A stream without a byte for this long, milliseconds, is taken for dead: bookmarks come about every minute. */
  readonly stallMs: number;
  /** Closes the connection. */
  readonly abort: () => void;
  readonly path: string;
}

/** The events of a watch, in batches as they arrive. Throws KubeError: the ERROR event's status, `Stalled`, or `Malformed` when a line is not JSON. */
export async function* watchEvents<T extends KubeObject>(stream: ByteStream, options: WatchStreamOptions): AsyncGenerator<WatchEvent<T>[], void, undefined> {
  const at = { method: 'GET', path: options.path };
  const guard = stallGuard(options);
  try {
    for await (const lines of lineBatches(stream, { last: 'drop' })) {
      guard.touch();
      if (lines.length > 0) yield lines.filter((line) => line !== '').map((line) => parseEvent<T>(line, at));
    }
  } catch (error) {
    if (guard.stalled()) throw new KubeError({ ...at, code: 0, reason: 'Stalled', message: `the watch of ${options.path} was silent for ${options.stallMs} ms`, cause: error });
    throw error;
  } finally {
    guard.clear();
  }
}

function stallGuard({ clock, stallMs, abort }: WatchStreamOptions): { touch(): void; stalled(): boolean; clear(): void } {
  let lastByte = clock.monotonic();
  let stalled = false;
  // One timer per silence rather than per chunk: a busy watch would otherwise spend its time on timers.
  const check = () => {
    const left = lastByte + stallMs - clock.monotonic();
    if (left > 0) {
      timer = clock.setTimer(left, check);
      return;
    }
    stalled = true;
    abort();
  };
  let timer = clock.setTimer(stallMs, check);
  return {
    touch: () => void (lastByte = clock.monotonic()),
    stalled: () => stalled,
    clear: () => timer.cancel(),
  };
}

function parseEvent<T extends KubeObject>(line: string, at: { method: string; path: string }): WatchEvent<T> {
  let event: { type?: unknown; object?: unknown };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (error) {
    throw new KubeError({ ...at, code: 0, reason: 'Malformed', message: `the watch of ${at.path} sent a line that is not JSON`, cause: error });
  }
  switch (event?.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return isKubeObject(event.object) ? { type: event.type, object: event.object as T } : malformed('an object without metadata.name', event.object, at);
    case 'BOOKMARK': {
      const resourceVersion = versionOf(event.object);
      return resourceVersion === undefined ? malformed('a bookmark without a resourceVersion', event.object, at) : { type: 'BOOKMARK', resourceVersion };
    }
    case 'ERROR':
      throw statusEventError(event.object, at);
    default:
      return malformed(`an event of type '${String(event?.type)}'`, event?.object, at);
  }
}

function malformed(what: string, object: unknown, at: { method: string; path: string }): Extract<WatchEvent<never>, { type: 'MALFORMED' }> {
  const error = new KubeError({ ...at, code: 0, reason: 'Malformed', message: `the watch of ${at.path} sent ${what}; skipped` });
  return { type: 'MALFORMED', error, resourceVersion: versionOf(object) };
}

function versionOf(object: unknown): string | undefined {
  const version = (object as { metadata?: { resourceVersion?: unknown } } | null | undefined)?.metadata?.resourceVersion;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

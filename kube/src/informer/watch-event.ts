import { isKubeObject } from '../client/response.ts';
import { KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';
import { statusEventError } from '../transport/status-error.ts';

export type ObjectEvent<T extends KubeObject> = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T };

export type WatchEvent<T extends KubeObject> =
  | ObjectEvent<T>
  /** `marks: 'end of initial events'` ends a streaming list. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly marks: 'progress' | 'end of initial events' }
  /** An object that cannot be cached; the stream goes on. `resourceVersion` when it has one. */
  | { readonly type: 'MALFORMED'; readonly error: KubeError; readonly resourceVersion: string | undefined };

const END_OF_INITIAL_EVENTS = 'k8s.io/initial-events-end';

/** For messages: where the watch was asked for. */
export interface WatchedAt {
  readonly method: 'GET';
  readonly path: string;
  /** Takes the credential of the watch out of what the server says. */
  readonly redact: (text: string) => string;
}

/** One line of a watch. Throws KubeError: the ERROR event's status, or `Malformed` when the line is not JSON. */
export function parseEvent<T extends KubeObject>(line: string, at: WatchedAt): WatchEvent<T> {
  let event: { type?: unknown; object?: unknown };
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    // No cause: the parser's message quotes the line, which may be part of a Secret.
    throw new KubeError({ method: at.method, path: at.path, code: 0, reason: 'Malformed', message: `the watch of ${at.path} sent a line that is not JSON` });
  }
  switch (event?.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return isKubeObject(event.object) ? { type: event.type, object: event.object as T } : malformed('an object without metadata.name', event.object, at);
    case 'BOOKMARK': {
      const resourceVersion = versionOf(event.object);
      if (resourceVersion === undefined) return malformed('a bookmark without a resourceVersion', event.object, at);
      return { type: 'BOOKMARK', resourceVersion, marks: endsInitialEvents(event.object) ? 'end of initial events' : 'progress' };
    }
    case 'ERROR':
      throw statusEventError(event.object, at, at.redact);
    default:
      return malformed(`an event of type '${at.redact(String(event?.type)).slice(0, 40)}'`, event?.object, at);
  }
}

function malformed(what: string, object: unknown, at: WatchedAt): Extract<WatchEvent<never>, { type: 'MALFORMED' }> {
  const error = new KubeError({ method: at.method, path: at.path, code: 0, reason: 'Malformed', message: `the watch of ${at.path} sent ${what}; skipped` });
  return { type: 'MALFORMED', error, resourceVersion: versionOf(object) };
}

function endsInitialEvents(object: unknown): boolean {
  return (object as { metadata?: { annotations?: Record<string, unknown> } } | undefined)?.metadata?.annotations?.[END_OF_INITIAL_EVENTS] === 'true';
}

function versionOf(object: unknown): string | undefined {
  const version = (object as { metadata?: { resourceVersion?: unknown } } | null | undefined)?.metadata?.resourceVersion;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

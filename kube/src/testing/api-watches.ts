import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../object.ts';
import type { Matches } from './api-selectors.ts';
import type { ApiEvent } from './api-store.ts';

export interface OpenWatch {
  readonly response: ServerResponse;
  readonly matches: Matches;
  /** What of an object the watch asked to see. */
  readonly view: (object: KubeObject) => unknown;
}

/** The watches that are open, and what each is told of an event. */
export class ApiWatches {
  readonly #open = new Set<OpenWatch>();
  #held: ((line: string) => void) | undefined;

  get size(): number {
    return this.#open.size;
  }

  open(watch: OpenWatch): void {
    this.#open.add(watch);
    watch.response.on('close', () => this.#open.delete(watch));
  }

  /** From now on hands lines of events to `deliver` instead of sending them. */
  hold(deliver: (line: string) => void): void {
    this.#held = deliver;
  }

  tell(event: ApiEvent): void {
    if (this.#held) this.#held(lineOf(event.type, event.object));
    else for (const watch of this.#open) tellOne(watch, event);
  }

  /** Sends to all, whatever it is. */
  send(text: string | Uint8Array): void {
    for (const { response } of this.#open) response.write(text);
  }

  end(): void {
    for (const { response } of this.#open) response.end();
    this.#open.clear();
  }
}

/** Tells a watch of an event: an object that its selectors choose no longer is deleted for it, one that they choose now is new. */
export function tellOne({ response, matches, view }: OpenWatch, { type, object, previous, version }: ApiEvent): void {
  const before = previous !== undefined && matches(previous);
  if (type !== 'DELETED' && matches(object)) response.write(lineOf(before ? 'MODIFIED' : 'ADDED', view(object)));
  else if (before) response.write(lineOf('DELETED', view({ ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } })));
}

/** One line of a watch. */
export function lineOf(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

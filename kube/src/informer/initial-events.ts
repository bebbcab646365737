import { KubeError } from '../kube-error.ts';
import { formatKey, keyOf, type KubeObject } from '../object.ts';
import { isOlder } from '../resource-version.ts';
import type { Snapshot } from './lister.ts';
import type { WatchEvent } from './watch-event.ts';

/** Gathers the first part of a streaming list aside, so that readers of the cache never see half of it. */
export class InitialEvents<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #prepare: (object: T) => T;

  constructor(prepare: (object: T) => T) {
    this.#prepare = prepare;
  }

  /**
   * Returns the snapshot at the bookmark that ends it. Throws KubeError (reason `StreamingNotOffered`) at any other bookmark: a server
   * that streams lists sends none before that one, so this server has ignored what it was asked for.
   */
  take(event: WatchEvent<T>): Snapshot<T> | undefined {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#put(event.object);
        return undefined;
      case 'DELETED':
        this.#objects.delete(formatKey(keyOf(event.object)));
        return undefined;
      case 'BOOKMARK':
        if (event.marks === 'end of initial events') return { items: [...this.#objects.values()], resourceVersion: event.resourceVersion };
        throw new KubeError({ code: 0, reason: 'StreamingNotOffered', message: 'the server sent a bookmark before the end of the initial events: it does not stream lists' });
      case 'MALFORMED':
        return undefined;
    }
  }

  #put(object: T): void {
    const key = formatKey(keyOf(object));
    const known = this.#objects.get(key);
    if (known && isOlder(object.metadata.resourceVersion, known.metadata.resourceVersion)) return;
    this.#objects.set(key, this.#prepare(object));
  }
}

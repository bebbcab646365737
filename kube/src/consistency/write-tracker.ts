import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { formatKey, keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { type CachedObjects, TrackedWrites, type Waiting, type WriteView } from './write-view.ts';

/** A write waits at most this long to be seen: longer than a watch needs, shorter than a user's patience. */
const DEFAULT_EXPIRY_MS = 30_000;

/** The object's own key waits, and asks when it wants to know. */
const OWN_KEY: Waiting = Object.freeze({ keysOf: (object: KubeObject) => [formatKey(keyOf(object))], onCaughtUp() {} });

/**
 * Remembers this process's own writes until the caches have seen them, so that no controller decides on a state older than what it
 * did itself. One per process: give it to the KubeClient that writes and to each Controller. A write is forgotten after `expiryMs`
 * (default 30 000), so a lost event delays but never wedges; whoever is about to destroy something asks {@link lags} before.
 */
export class WriteTracker {
  readonly #clock: Clock;
  readonly #expiryMs: number;
  readonly #views = new Map<string, Set<TrackedWrites>>();

  constructor(options: { clock?: Clock; expiryMs?: number } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#expiryMs = options.expiryMs ?? DEFAULT_EXPIRY_MS;
  }

  /** Follows one cache; `covers` says whether that cache can ever hold a key, or the object as it was written. By default a write keeps its object's own key waiting. */
  follow(type: ResourceType, cache: CachedObjects, covers: (key: ObjectKey, object?: KubeObject) => boolean, waiting: Waiting = OWN_KEY): WriteView {
    const id = idOf(type);
    const view = new TrackedWrites({ cache, covers, ...waiting }, this.#clock, () => void this.#views.get(id)?.delete(view));
    const views = this.#views.get(id) ?? new Set();
    views.add(view);
    this.#views.set(id, views);
    return view;
  }

  wrote(type: Pick<ResourceType, 'group' | 'plural'>, object: KubeObject): void {
    const { namespace = '', name, resourceVersion } = object.metadata;
    if (resourceVersion === undefined) return;
    for (const view of this.#of(type)) view.expect({ key: { namespace, name }, object, change: 'written', resourceVersion, expires: this.#expires() });
  }

  /** `answer` is what the API server returned: the object still there under deletion, or a Status when it is gone. */
  deleted(type: Pick<ResourceType, 'group' | 'plural'>, key: ObjectKey, answer: unknown): void {
    const remaining = answer as Partial<KubeObject> | undefined;
    if (remaining?.kind !== 'Status' && remaining?.metadata?.deletionTimestamp !== undefined) return this.wrote(type, remaining as KubeObject);
    for (const view of this.#of(type)) view.expectGone(key, this.#expires());
  }

  /**
   * Whether a write that the reconcile of `key` (formatted) should have waited for is still in no cache, though nobody waits for it any more:
   * what is decided then may leave out what is there.
   */
  lags(key: string): boolean {
    return [...this.#views.values()].some((views) => [...views].some((view) => view.lags(key)));
  }

  #of(type: Pick<ResourceType, 'group' | 'plural'>): Iterable<TrackedWrites> {
    return this.#views.get(idOf(type)) ?? [];
  }

  #expires(): number {
    return this.#clock.monotonic() + this.#expiryMs;
  }
}

function idOf(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return `${type.group}/${type.plural}`;
}

import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { type KubeObject, type ObjectKey, formatKey } from '../object.ts';
import { isOlder } from '../resource-version.ts';
import type { ResourceType } from '../resource-type.ts';

/** A write waits at most this long to be seen: longer than a watch needs, shorter than a user's patience. */
const DEFAULT_EXPIRY_MS = 30_000;
const MAX_UNSEEN = 10_000;

/** What a view needs of a cache. */
export interface CachedObjects {
  /** Of the newest event or list the cache has taken in; '' before the first. */
  readonly resourceVersion: string;
  get(key: ObjectKey): KubeObject | undefined;
}

interface Unseen {
  readonly key: ObjectKey;
  /** As written, or as cached when the write was a deletion. */
  readonly object: KubeObject;
  /** The version the cache must reach; undefined for a deletion that is complete. */
  readonly resourceVersion: string | undefined;
  readonly expires: number;
}

/** This process's writes to one type that one cache has not seen yet. */
export interface WriteView {
  /** Objects as they were written (or deleted) of which the cache is still behind, and how many were given up on since the last call. */
  unseen(): { readonly objects: readonly KubeObject[]; readonly expired: number };
  close(): void;
}

/**
 * Remembers this process's own writes until the caches have seen them, so that no controller decides on a state older than what it
 * did itself. One per process: give it to the KubeClient that writes and to each Controller. A write is forgotten after `expiryMs`
 * (default 30 000), so a lost event delays but never wedges.
 */
export class WriteTracker {
  readonly #clock: Clock;
  readonly #expiryMs: number;
  readonly #views = new Map<string, Set<View>>();

  constructor(options: { clock?: Clock; expiryMs?: number } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#expiryMs = options.expiryMs ?? DEFAULT_EXPIRY_MS;
  }

  /** Follows one cache; `covers` says whether that cache can ever hold a key, or the object as it was written. */
  follow(type: ResourceType, cache: CachedObjects, covers: (key: ObjectKey, object?: KubeObject) => boolean): WriteView {
    const id = idOf(type);
    const view = new View(cache, covers, this.#clock, () => void this.#views.get(id)?.delete(view));
    const views = this.#views.get(id) ?? new Set();
    views.add(view);
    this.#views.set(id, views);
    return view;
  }

  wrote(type: Pick<ResourceType, 'group' | 'plural'>, object: KubeObject): void {
    const { namespace = '', name, resourceVersion } = object.metadata;
    if (resourceVersion === undefined) return;
    for (const view of this.#of(type)) view.expect({ key: { namespace, name }, object, resourceVersion, expires: this.#expires() });
  }

  /** `answer` is what the API server returned: the object still there under deletion, or a Status when it is gone. */
  deleted(type: Pick<ResourceType, 'group' | 'plural'>, key: ObjectKey, answer: unknown): void {
    const remaining = answer as Partial<KubeObject> | undefined;
    if (remaining?.kind !== 'Status' && remaining?.metadata?.deletionTimestamp !== undefined) return this.wrote(type, remaining as KubeObject);
    for (const view of this.#of(type)) view.expectGone(key, this.#expires());
  }

  #of(type: Pick<ResourceType, 'group' | 'plural'>): Iterable<View> {
    return this.#views.get(idOf(type)) ?? [];
  }

  #expires(): number {
    return this.#clock.monotonic() + this.#expiryMs;
  }
}

class View implements WriteView {
  readonly #cache: CachedObjects;
  readonly #covers: (key: ObjectKey, object?: KubeObject) => boolean;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  /** Of the cache when it was last looked at. */
  #reached = '';
  /** In order of time, the latest write of an object only. */
  readonly #unseen = new Map<string, Unseen>();
  #expired = 0;

  constructor(cache: CachedObjects, covers: (key: ObjectKey, object?: KubeObject) => boolean, clock: Clock, onClose: () => void) {
    this.#cache = cache;
    this.#covers = covers;
    this.#clock = clock;
    this.#onClose = onClose;
  }

  expect(write: Unseen): void {
    this.#noticeSetback();
    const id = formatKey(write.key);
    if (!this.#concerns(write, id)) return;
    const earlier = this.#unseen.get(id);
    // Answers can arrive out of order when two workers write one object.
    if (earlier?.resourceVersion !== undefined && isOlder(write.resourceVersion, earlier.resourceVersion)) return;
    if (this.#seen(write)) return;
    this.#unseen.delete(id);
    this.#unseen.set(id, write);
    if (this.#unseen.size > MAX_UNSEEN) this.#dropOldest();
  }

  expectGone(key: ObjectKey, expires: number): void {
    const cached = this.#cache.get(key);
    if (cached && this.#covers(key)) this.#unseen.set(formatKey(key), { key, object: cached, resourceVersion: undefined, expires });
  }

  unseen(): { objects: readonly KubeObject[]; expired: number } {
    this.#noticeSetback();
    const now = this.#clock.monotonic();
    for (const [id, write] of this.#unseen) {
      if (this.#seen(write)) this.#unseen.delete(id);
      else if (write.expires <= now) {
        this.#unseen.delete(id);
        this.#expired += 1;
      }
    }
    const expired = this.#expired;
    this.#expired = 0;
    return { objects: [...this.#unseen.values()].map((write) => write.object), expired };
  }

  close(): void {
    this.#unseen.clear();
    this.#onClose();
  }

  /** A cache that has taken in a later version of anything of this type has taken in this write too: watches deliver in order. */
  #seen(write: Unseen): boolean {
    const cached = this.#cache.get(write.key);
    if (write.resourceVersion === undefined) return cached === undefined || cached.metadata.uid !== write.object.metadata.uid;
    const version = cached?.metadata.resourceVersion;
    // Not even when the cache is past the write: a stream that lost its order may have passed it over.
    if (version !== undefined && isOlder(version, write.resourceVersion)) return false;
    return atLeast(this.#cache.resourceVersion, write.resourceVersion) || (version !== undefined && atLeast(version, write.resourceVersion));
  }

  /** Written out of the cache's selection, an object is still awaited when the cache has it or is about to: it must go first. */
  #concerns({ key, object }: Unseen, id: string): boolean {
    return this.#covers(key, object) || (this.#covers(key) && (this.#cache.get(key) !== undefined || this.#unseen.has(id)));
  }

  /** A cache whose version went back follows a cluster restored from a backup: what was written before may be gone, and versions count anew. */
  #noticeSetback(): void {
    const { resourceVersion } = this.#cache;
    if (isOlder(resourceVersion, this.#reached)) this.#unseen.clear();
    this.#reached = resourceVersion;
  }

  #dropOldest(): void {
    const oldest = this.#unseen.keys().next();
    if (!oldest.done) this.#unseen.delete(oldest.value);
    this.#expired += 1;
  }
}

/** Versions that cannot be ordered count as reached only when equal; expiry bounds the wait. */
function atLeast(candidate: string, wanted: string): boolean {
  return candidate === wanted || isOlder(wanted, candidate);
}

function idOf(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return `${type.group}/${type.plural}`;
}

import type { Clock } from '../clock.ts';
import { formatKey, type KubeObject, type ObjectKey } from '../object.ts';
import { isOlder } from '../resource-version.ts';

const MAX_UNSEEN = 10_000;

/** What a view needs of a cache. */
export interface CachedObjects {
  /** Of the newest event or list the cache has taken in; '' before the first. */
  readonly resourceVersion: string;
  get(key: ObjectKey): KubeObject | undefined;
}

/** What waits for a cache to see a write. */
export interface Waiting {
  /** Formatted keys that must wait for the cache to see `object`; asked once for each write, must not throw. */
  readonly keysOf: (object: KubeObject) => readonly string[];
  /** Told of each key whose last write was seen or given up on. */
  readonly onCaughtUp: (key: string) => void;
}

interface FollowedCache extends Waiting {
  readonly cache: CachedObjects;
  /** Whether that cache can ever hold a key, or the object as it was written. */
  readonly covers: (key: ObjectKey, object?: KubeObject) => boolean;
}

/** This process's writes to one type that one cache has not seen yet. */
export interface WriteView {
  /** Whether the cache is behind a write that `key` (formatted) must wait for. Costs the same however many writes are unseen. */
  isBehind(key: string): boolean;
  /** Whether a write that `key` was to wait for was given up on, and the cache has not seen it since. */
  lags(key: string): boolean;
  /** How many writes were given up on since the last call. */
  takeExpired(): number;
  /** The cache has taken in something about the object `key`, and whatever came before it. */
  progressed(key: ObjectKey): void;
  close(): void;
}

interface Change {
  readonly key: ObjectKey;
  /** As written; for a deletion, as last known. */
  readonly object: KubeObject;
  readonly expires: number;
}

interface Written extends Change {
  readonly change: 'written';
  /** The version the cache must reach. */
  readonly resourceVersion: string;
}

/** A deletion that is complete. */
interface Gone extends Change {
  readonly change: 'gone';
  /** Of the last write before it, when the cache had not seen that: below it, the object may be yet to come. */
  readonly resourceVersion: string | undefined;
}

type Write = Written | Gone;
type Unseen = Write & { readonly id: string; readonly waiting: readonly string[] };

export class TrackedWrites implements WriteView {
  readonly #followed: FollowedCache;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  /** Of the cache when it was last looked at. */
  #reached = '';
  /** In order of time, and so of expiry; the latest write of an object only. */
  readonly #unseen = new Map<string, Unseen>();
  /** The same by the keys that wait for them. */
  readonly #byKey = new Map<string, Set<Unseen>>();
  /** Those that nobody waits for any more, until they are seen after all. */
  readonly #givenUp = new Map<string, Unseen>();
  #expired = 0;

  constructor(followed: FollowedCache, clock: Clock, onClose: () => void) {
    this.#followed = followed;
    this.#clock = clock;
    this.#onClose = onClose;
  }

  expect(write: Written): void {
    this.#noticeSetback();
    const id = formatKey(write.key);
    if (!this.#concerns(write, id)) return;
    const earlier = this.#unseen.get(id);
    // Answers can arrive out of order when two workers write one object.
    if (earlier?.change === 'written' && isOlder(write.resourceVersion, earlier.resourceVersion)) return;
    if (!this.#isSeen(write)) this.#note(write, id);
  }

  /** The cache may yet have to see the object come before it can see it go: what this process wrote and the cache has not seen counts, not only what is cached. */
  expectGone(key: ObjectKey, expires: number): void {
    this.#noticeSetback();
    if (!this.#followed.covers(key)) return;
    const id = formatKey(key);
    const earlier = this.#unseen.get(id);
    const object = earlier?.object ?? this.#followed.cache.get(key);
    if (object) this.#note({ key, object, change: 'gone', resourceVersion: earlier?.resourceVersion, expires }, id);
  }

  isBehind(key: string): boolean {
    this.#noticeSetback();
    this.#sweep();
    for (const write of this.#byKey.get(key) ?? []) if (this.#isAwaited(write)) return true;
    return false;
  }

  lags(key: string): boolean {
    this.#noticeSetback();
    this.#sweep();
    for (const write of this.#givenUp.values()) if (this.#isSeen(write)) this.#givenUp.delete(write.id);
    return [...this.#givenUp.values()].some(({ waiting }) => waiting.includes(key));
  }

  takeExpired(): number {
    const expired = this.#expired;
    this.#expired = 0;
    return expired;
  }

  progressed(key: ObjectKey): void {
    if (this.#unseen.size === 0) return;
    this.#noticeSetback();
    this.#sweep();
    const write = this.#unseen.get(formatKey(key));
    if (write) this.#isAwaited(write);
  }

  close(): void {
    this.#unseen.clear();
    this.#byKey.clear();
    this.#givenUp.clear();
    this.#onClose();
  }

  /** Its keys are indexed before an earlier write of the object is forgotten: a key that waits for both has not caught up in between. */
  #note(write: Write, id: string): void {
    const earlier = this.#unseen.get(id);
    const noted: Unseen = { ...write, id, waiting: this.#followed.keysOf(write.object) };
    for (const key of noted.waiting) {
      const writes = this.#byKey.get(key);
      if (writes) writes.add(noted);
      else this.#byKey.set(key, new Set([noted]));
    }
    if (earlier) this.#forget(earlier);
    this.#givenUp.delete(id);
    this.#unseen.set(id, noted);
    this.#sweep();
    if (this.#unseen.size > MAX_UNSEEN) this.#dropOldest();
  }

  /** From the oldest up to the first that is still awaited: over all calls each write is passed once. */
  #sweep(): void {
    for (const write of this.#unseen.values()) if (this.#isAwaited(write)) return;
  }

  #isAwaited(write: Unseen): boolean {
    const seen = this.#isSeen(write);
    if (!seen && write.expires > this.#clock.monotonic()) return true;
    if (!seen) this.#giveUp(write);
    this.#forget(write);
    return false;
  }

  #giveUp(write: Unseen): void {
    this.#expired += 1;
    this.#givenUp.set(write.id, write);
    const [oldest] = this.#givenUp.keys();
    if (this.#givenUp.size > MAX_UNSEEN && oldest !== undefined) this.#givenUp.delete(oldest);
  }

  #forget(write: Unseen): void {
    this.#unseen.delete(write.id);
    for (const key of write.waiting) {
      const writes = this.#byKey.get(key);
      if (!writes?.delete(write) || writes.size > 0) continue;
      this.#byKey.delete(key);
      this.#followed.onCaughtUp(key);
    }
  }

  /** A cache that has taken in a later version of anything of this type has taken in this write too: watches deliver in order. */
  #isSeen(write: Write): boolean {
    const { cache } = this.#followed;
    const cached = cache.get(write.key);
    if (write.change === 'gone') return cached?.metadata.uid !== write.object.metadata.uid && (write.resourceVersion === undefined || atLeast(cache.resourceVersion, write.resourceVersion));
    const version = cached?.metadata.resourceVersion;
    // Not even when the cache is past the write: a stream that lost its order may have passed it over.
    if (version !== undefined && isOlder(version, write.resourceVersion)) return false;
    return atLeast(cache.resourceVersion, write.resourceVersion) || (version !== undefined && atLeast(version, write.resourceVersion));
  }

  /** Written out of the cache's selection, an object is still awaited when the cache has it or is about to: it must go first. */
  #concerns({ key, object }: Written, id: string): boolean {
    const { cache, covers } = this.#followed;
    return covers(key, object) || (covers(key) && (cache.get(key) !== undefined || this.#unseen.has(id)));
  }

  /** A cache whose version went back follows a cluster restored from a backup: what was written before may be gone, and versions count anew. */
  #noticeSetback(): void {
    const { resourceVersion } = this.#followed.cache;
    if (isOlder(resourceVersion, this.#reached)) {
      for (const write of this.#unseen.values()) this.#forget(write);
      this.#givenUp.clear();
    }
    this.#reached = resourceVersion;
  }

  #dropOldest(): void {
    const [oldest] = this.#unseen.values();
    if (oldest === undefined) return;
    this.#forget(oldest);
    this.#giveUp(oldest);
  }
}

/** Versions that cannot be ordered count as reached only when equal; expiry bounds the wait. */
function atLeast(candidate: string, wanted: string): boolean {
  return candidate === wanted || isOlder(wanted, candidate);
}

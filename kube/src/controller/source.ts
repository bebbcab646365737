import type { WriteTracker } from '../consistency/write-tracker.ts';
import type { Waiting } from '../consistency/write-view.ts';
import type { InformerView } from '../informer/informer-view.ts';
import { formatKey, keyOf, type KubeObject, type ObjectKey, sameKey } from '../object.ts';
import type { Priority } from '../queue/ready-list.ts';
import { type ContainedFunctions, containFunctions, type OnSourceError } from './contained-functions.ts';

export type SourceEvent<T extends KubeObject> =
  /** `initial`: existed before this process did. */
  | { readonly type: 'added'; readonly object: T; readonly initial: 'initial' | 'live' }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };

export interface SourceDescription<T extends KubeObject> {
  readonly informer: InformerView<T>;
  /** What to reconcile when `object` changes. */
  readonly keys: (object: T) => readonly ObjectKey[];
  /** Lets an event through; default: all. */
  readonly predicate?: (event: SourceEvent<T>) => boolean;
}

export type Enqueue = (key: ObjectKey, priority: Priority) => void;

/** Own writes that a source's cache has not seen. */
export interface SourceWrites {
  /** Whether a reconcile of `key` (formatted) would act on a state older than this process's own write. */
  isBehind(key: string): boolean;
  /** How many writes were given up on since the last call. */
  takeExpired(): number;
  close(): void;
}

/** What a controller wants to hear of its own writes. */
export interface WritesListener {
  /** The cache is no longer behind what `key` (formatted) waited for. */
  readonly onCaughtUp: (key: string) => void;
  readonly onError: OnSourceError;
}

/** Something a controller hears changes from; made by {@link source}. What the functions given to it throw goes to `onError` and nowhere else. */
export interface Source {
  /** Plural of the resource, for messages. */
  readonly resource: string;
  whenSynced(call: { signal: AbortSignal }): Promise<void>;
  /** Starts to enqueue; what is in the cache already comes first. Returns what ends it. */
  attach(enqueue: Enqueue, onError: OnSourceError): () => void;
  /** Enqueues the keys of everything in the cache. */
  resync(enqueue: Enqueue, onError: OnSourceError): void;
  followWrites(writes: WriteTracker, listener: WritesListener): SourceWrites;
}

/** Binds an informer to the keys that its objects concern. */
export function source<T extends KubeObject>(description: SourceDescription<T>): Source {
  const { informer } = description;
  return {
    resource: informer.type.plural,
    whenSynced: (call) => informer.whenSynced(call),
    attach: (enqueue, onError) => {
      const functions = containFunctions(description, onError);
      const hear = (event: SourceEvent<T>) => pass(event, functions, enqueue);
      return informer.addHandler({
        onAdd: (object, { initial }) => hear({ type: 'added', object, initial }),
        onUpdate: (object, previous) => hear({ type: 'updated', object, previous }),
        onDelete: (object) => hear({ type: 'deleted', object }),
      });
    },
    resync(enqueue, onError) {
      const { keys } = containFunctions(description, onError);
      for (const object of informer.store.list()) for (const key of keys(object)) enqueue(key, 'resync');
    },
    followWrites: (writes, listener) => followWrites(description, writes, listener),
  };
}

function pass<T extends KubeObject>(event: SourceEvent<T>, { keys, predicate }: ContainedFunctions<T>, enqueue: Enqueue): void {
  if (!predicate(event)) return;
  const priority: Priority = event.type === 'added' && event.initial === 'initial' ? 'resync' : 'change';
  for (const key of concerned(event, keys)) enqueue(key, priority);
}

/** An update may have moved the object from one owner to another: both are concerned. */
function concerned<T extends KubeObject>(event: SourceEvent<T>, keys: (object: T) => readonly ObjectKey[]): Iterable<ObjectKey> {
  const now = keys(event.object);
  if (event.type !== 'updated') return now;
  const before = keys(event.previous);
  const [only] = now;
  const [former] = before;
  // Nearly always the one key has stayed.
  if (only && former && now.length === 1 && before.length === 1 && sameKey(only, former)) return now;
  const all = new Map<string, ObjectKey>();
  for (const key of [...before, ...now]) all.set(formatKey(key), key);
  return all.values();
}

/** Each part of a joined cache for itself: one namespace in which nothing happens must not hold up the others. */
function followWrites<T extends KubeObject>(description: SourceDescription<T>, writes: WriteTracker, listener: WritesListener): SourceWrites {
  const { informer } = description;
  const { keys } = containFunctions(description, listener.onError);
  const waiting: Waiting = {
    onCaughtUp: listener.onCaughtUp,
    // A view follows the informer's own type, so what was written through it has that shape.
    keysOf: (object) => keys(object as T).map(formatKey),
  };
  const followed = (informer.parts ?? [informer]).map((part) => followCache(part, writes, waiting));
  return {
    isBehind: (key) => followed.some((each) => each.isBehind(key)),
    takeExpired: () => followed.reduce((sum, each) => sum + each.takeExpired(), 0),
    close() {
      for (const each of followed) each.close();
    },
  };
}

function followCache<T extends KubeObject>(informer: InformerView<T>, writes: WriteTracker, waiting: Waiting): SourceWrites {
  const view = writes.follow(informer.type, informer.store, (key, object) => informer.covers(key, object), waiting);
  const progressed = (object: T) => view.progressed(keyOf(object));
  const detach = informer.addHandler({ onAdd: progressed, onUpdate: progressed, onDelete: progressed });
  return {
    isBehind: (key) => view.isBehind(key),
    takeExpired: () => view.takeExpired(),
    close() {
      detach();
      view.close();
    },
  };
}

import type { WriteTracker, WriteView } from '../consistency/write-tracker.ts';
import type { InformerView } from '../informer/informer-view.ts';
import { formatKey, type KubeObject, type ObjectKey, sameKey } from '../object.ts';
import type { Priority } from '../queue/ready-list.ts';

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
  /** Formatted keys whose reconcile would act on a state older than this process's own write; `expired` writes were given up on. */
  behind(): { readonly keys: ReadonlySet<string>; readonly expired: number };
  close(): void;
}

/** Something a controller hears changes from; made by {@link source}. */
export interface Source {
  /** Plural of the resource, for messages. */
  readonly resource: string;
  whenSynced(call: { signal: AbortSignal }): Promise<void>;
  /** Starts to enqueue; what is in the cache already comes first. Returns what ends it. */
  attach(enqueue: Enqueue): () => void;
  /** Enqueues the keys of everything in the cache. */
  resync(enqueue: Enqueue): void;
  followWrites(writes: WriteTracker): SourceWrites;
}

/** Binds an informer to the keys that its objects concern. */
export function source<T extends KubeObject>(description: SourceDescription<T>): Source {
  const { informer, keys, predicate = () => true } = description;
  const pass = (event: SourceEvent<T>, enqueue: Enqueue) => {
    if (!predicate(event)) return;
    const priority: Priority = event.type === 'added' && event.initial === 'initial' ? 'resync' : 'change';
    for (const key of concerned(event, keys)) enqueue(key, priority);
  };
  return {
    resource: informer.type.plural,
    whenSynced: (call) => informer.whenSynced(call),
    attach: (enqueue) => informer.addHandler({
      onAdd: (object, { initial }) => pass({ type: 'added', object, initial }, enqueue),
      onUpdate: (object, previous) => pass({ type: 'updated', object, previous }, enqueue),
      onDelete: (object) => pass({ type: 'deleted', object }, enqueue),
    }),
    resync(enqueue) {
      for (const object of informer.store.list()) for (const key of keys(object)) enqueue(key, 'resync');
    },
    followWrites: (writes) => sourceWrites(writes.follow(informer.type, informer.store, (key, object) => informer.covers(key, object)), (object) => {
      // The view follows the informer's own type, so what was written through it has that shape.
      return keys(object as T);
    }),
  };
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

function sourceWrites(view: WriteView, keys: (object: KubeObject) => readonly ObjectKey[]): SourceWrites {
  return {
    behind() {
      const { objects, expired } = view.unseen();
      const behind = new Set<string>();
      for (const object of objects) for (const key of keys(object)) behind.add(formatKey(key));
      return { keys: behind, expired };
    },
    close: () => view.close(),
  };
}

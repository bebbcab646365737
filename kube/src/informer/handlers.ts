import type { KubeObject } from '../object.ts';
import type { StoreChange } from './store.ts';

/** Called in order, one object at a time, after the store has changed. Quick and synchronous: note a key and return. */
export interface InformerHandler<T extends KubeObject> {
  /** `initial`: known from the first list, so not news to a process that has just started. */
  onAdd?(object: T, details: { readonly initial: 'initial' | 'live' }): void;
  onUpdate?(object: T, previous: T): void;
  /** `object` is its last known state. */
  onDelete?(object: T): void;
}

/** The handlers of one informer. One that throws is reported; the others still hear. */
export class Handlers<T extends KubeObject> {
  /** Replaced when it changes, so that whoever walks it walks the handlers of that moment. */
  #handlers: readonly InformerHandler<T>[] = [];
  readonly #onError: (error: Error) => void;

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Adds a handler, telling it of `known` first. Returns what removes it. */
  add(handler: InformerHandler<T>, known: readonly T[]): () => void {
    if (!this.#handlers.includes(handler)) this.#handlers = [...this.#handlers, handler];
    for (const object of known) this.#call(handler, { type: 'added', object }, 'initial');
    return () => {
      this.#handlers = this.#handlers.filter((each) => each !== handler);
    };
  }

  /** Tells of changes that the store holds already. */
  tell(changes: readonly StoreChange<T>[], initial: 'initial' | 'live'): void {
    // One that is added meanwhile has just been told of everything, these changes included; one that is removed hears no more.
    const handlers = this.#handlers;
    for (const change of changes) {
      for (const handler of handlers) if (handlers === this.#handlers || this.#handlers.includes(handler)) this.#call(handler, change, initial);
    }
  }

  #call(handler: InformerHandler<T>, change: StoreChange<T>, initial: 'initial' | 'live'): void {
    try {
      const result = tell(handler, change, initial);
      // A handler is synchronous by contract; one that is not after all must not end the process with its rejection.
      if (result instanceof Promise) result.catch((error: unknown) => this.#failed(change, error));
    } catch (error) {
      this.#failed(change, error);
    }
  }

  #failed({ type, object }: StoreChange<T>, error: unknown): void {
    this.#onError(new Error(`a handler failed on '${type}' of ${object.metadata.namespace ?? ''}/${object.metadata.name}`, { cause: error }));
  }
}

function tell<T extends KubeObject>(handler: InformerHandler<T>, change: StoreChange<T>, initial: 'initial' | 'live'): unknown {
  if (change.type === 'added') return handler.onAdd?.(change.object, { initial });
  if (change.type === 'updated') return handler.onUpdate?.(change.object, change.previous);
  return handler.onDelete?.(change.object);
}

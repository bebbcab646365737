import type { KubeObject, ObjectKey } from '../object.ts';
import type { SourceDescription, SourceEvent } from './source.ts';

/** Hears of what a function of a source threw. Must not throw. */
export type OnSourceError = (error: Error) => void;

/** The functions that a source was given. Nothing they throw leaves here: it is told, and stays with the object it was thrown for. */
export interface ContainedFunctions<T extends KubeObject> {
  /** None when `keys` failed. */
  readonly keys: (object: T) => readonly ObjectKey[];
  /** Passes the event when `predicate` failed: a reconcile too many is harmless, one too few is not. */
  readonly predicate: (event: SourceEvent<T>) => boolean;
}

export function containFunctions<T extends KubeObject>({ informer, keys, predicate }: SourceDescription<T>, onError: OnSourceError): ContainedFunctions<T> {
  const contain = <R>(what: string, object: T, call: () => R, otherwise: R): R => {
    try {
      return call();
    } catch (cause) {
      const { namespace = '', name } = object.metadata;
      onError(new Error(`the function '${what}' of the source of ${informer.type.plural} failed on ${namespace}/${name}`, { cause }));
      return otherwise;
    }
  };
  return {
    keys: (object) => contain('keys', object, () => checkKeys(keys(object)), []),
    predicate: predicate === undefined ? () => true : (event) => contain('predicate', event.object, () => checkSynchronous(predicate(event)), true),
  };
}

function checkKeys(keys: readonly ObjectKey[]): readonly ObjectKey[] {
  for (const key of checkSynchronous(keys) as readonly (Partial<ObjectKey> | undefined)[]) {
    if (!key?.name || typeof key.namespace !== 'string') throw new TypeError(`it gave the key ${JSON.stringify(key)}; give { namespace, name }, namespace '' when cluster-scoped`);
  }
  return keys;
}

/** Such a function is synchronous by contract; one that is not after all must not end the process with its rejection. */
function checkSynchronous<R>(result: R): R {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw new TypeError('it gave a promise; give the answer itself');
}

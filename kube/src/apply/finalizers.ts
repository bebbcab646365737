import type { CallOptions } from '../call-options.ts';
import type { JsonPatchOperation } from '../client/call-shapes.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isInvalid, isNotFound, KubeError } from '../kube-error.ts';
import { formatKey, keyOf, type KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';

const MAX_ATTEMPTS = 4;

/** Whether the object carries the finalizer. */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** Returns the object with the finalizer on it. Other finalizers are never touched. Throws KubeError (Conflict) when the object is under deletion or was made anew. */
export async function addFinalizer<T extends KubeObject>(client: KubeClient, type: ResourceType<T>, object: T, finalizer: string, call: CallOptions): Promise<T> {
  const changed = await change(client, type, object, call, (current) => {
    if (hasFinalizer(current, finalizer)) return undefined;
    if (current.metadata.deletionTimestamp !== undefined) throw conflict(current, 'is being deleted; it takes no new finalizer');
    return [...(current.metadata.finalizers ?? []), finalizer];
  });
  if (changed === undefined) throw conflict(object, 'is gone');
  return changed;
}

/** Returns the object without the finalizer, or undefined when it is gone. */
export function removeFinalizer<T extends KubeObject>(client: KubeClient, type: ResourceType<T>, object: T, finalizer: string, call: CallOptions): Promise<T | undefined> {
  return change(client, type, object, call, (current) => {
    if (!hasFinalizer(current, finalizer)) return undefined;
    return current.metadata.finalizers?.filter((each) => each !== finalizer) ?? [];
  });
}

type NextFinalizers<T> = (current: T) => readonly string[] | undefined;

/** Patches under a test of the version read; when somebody wrote in between it starts from what is there now. */
async function change<T extends KubeObject>(client: KubeClient, type: ResourceType<T>, object: T, call: CallOptions, next: NextFinalizers<T>): Promise<T | undefined> {
  let current = object;
  for (let attempt = 1; ; attempt++) {
    const finalizers = next(current);
    if (finalizers === undefined) return current;
    try {
      return await client.jsonPatch(type, keyOf(current), operations(current, finalizers), call);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      // The API server answers a failed test with 422, as it does an object that validation refuses.
      if (!isInvalid(error)) throw error;
      const newest = await client.find(type, keyOf(current), call);
      if (newest === undefined || newest.metadata.uid !== object.metadata.uid) return undefined;
      if (newest.metadata.resourceVersion === current.metadata.resourceVersion) throw error;
      // Not a fault of the object: the caller is to look again, as after any conflict.
      if (attempt === MAX_ATTEMPTS) throw conflict(newest, `was changed by others during each of ${MAX_ATTEMPTS} attempts; read it again`);
      current = newest;
    }
  }
}

function operations(current: KubeObject, finalizers: readonly string[]): JsonPatchOperation[] {
  const path = '/metadata/finalizers';
  const write: JsonPatchOperation = finalizers.length === 0 ? { op: 'remove', path } : { op: 'add', path, value: finalizers };
  return [
    { op: 'test', path: '/metadata/uid', value: current.metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: current.metadata.resourceVersion },
    write,
  ];
}

function conflict(object: KubeObject, why: string): KubeError {
  return new KubeError({ code: 409, reason: 'Conflict', message: `${object.kind} '${formatKey(keyOf(object))}' ${why}` });
}

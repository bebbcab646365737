import { KubeError } from '@sluice/kube';
import type { JsonPatchOperation, KubeObject } from '@sluice/kube';

/** Whether an object is the one, and in the version, that a write is bound to. */
export function isOf({ uid, resourceVersion }: { readonly uid?: string; readonly resourceVersion?: string }, object: KubeObject | undefined): boolean {
  return (uid === undefined || uid === object?.metadata.uid) && (resourceVersion === undefined || resourceVersion === object?.metadata.resourceVersion);
}

/** Members of `metadata` and `spec`, and `spec` itself. */
export function patched(current: KubeObject, operations: readonly JsonPatchOperation[]): KubeObject {
  const result = structuredClone(current) as unknown as Record<string, Record<string, unknown>>;
  for (const { op, path, value } of operations) {
    const [part = '', member] = path.split('/').slice(1);
    const holder = (member === undefined ? result : result[part]) as Record<string, unknown>;
    if (op === 'test' && holder[member ?? part] !== value) throw apiError(422, 'Invalid');
    if (op === 'replace' || op === 'add') holder[member ?? part] = structuredClone(value);
  }
  if (result['metadata']?.['resourceVersion'] !== current.metadata.resourceVersion) throw apiError(409, 'Conflict');
  return result as unknown as KubeObject;
}

export function apiError(code: number, reason: string, message = reason): KubeError {
  return new KubeError({ code, reason, message });
}

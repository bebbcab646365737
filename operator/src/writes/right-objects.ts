import { hash } from 'node:crypto';
import type { KubeObject } from '@sluice/kube';

/**
 * Entries, about 300 bytes each. An agent has eight objects, and all agents are looked at in turn: a bound that the fleet passes forgets each
 * object right before it is looked at again, so it is far above any fleet that one operator carries.
 */
export const maxObjects = 200_000;

interface Right {
  readonly version: string | undefined;
  readonly form: string;
  readonly wanted: string;
}

/**
 * Objects that were found to be what is wanted of them: most looks want the same, most changes are news in a status, and comparing costs
 * milliseconds. Remembered by digest, so that no second copy of each object is kept.
 */
export class RightObjects {
  readonly #right = new Map<string, Right>();

  has({ metadata }: KubeObject, wanted: string): boolean {
    const known = this.#right.get(metadata.uid ?? '');
    if (known === undefined || known.wanted !== wanted) return false;
    if (known.version === metadata.resourceVersion) return true;
    // Without a generation nothing says that the spec is as it was.
    return metadata.generation !== undefined && known.form === formOf(metadata);
  }

  add({ metadata }: KubeObject, wanted: string): void {
    const { uid, resourceVersion: version } = metadata;
    if (uid === undefined) return;
    const oldest = this.#right.keys().next();
    if (this.#right.size >= maxObjects && !oldest.done) this.#right.delete(oldest.value);
    this.#right.set(uid, { version, form: formOf(metadata), wanted });
  }

  delete(uid: string): void {
    this.#right.delete(uid);
  }
}

/** Of what is wanted. The same members in another order are another digest, which costs a comparison. */
export function digestOfWanted(wanted: object): string {
  return hash('sha256', JSON.stringify(wanted), 'base64');
}

/** Stands for all of an object but its status: the generation counts the changes of the rest. */
function formOf({ generation, labels, annotations, ownerReferences, finalizers, deletionTimestamp }: KubeObject['metadata']): string {
  return hash('sha256', JSON.stringify([generation, labels, annotations, ownerReferences, finalizers, deletionTimestamp]), 'base64');
}

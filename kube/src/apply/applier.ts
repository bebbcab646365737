import type { CallOptions } from '../call-options.ts';
import type { ApplyOptions } from '../client/call-shapes.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { formatKey, keyOf, type KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { type ApplyResult, type DesiredChange, fenced, withDigest } from './apply-if-changed.ts';
import { type Difference, inspect } from './differences.ts';
import { digestOf } from './digest.ts';
import { formerlyOwned } from './owned-fields.ts';
import { writtenForm } from './written-form.ts';

const DEFAULT_MAX_REMEMBERED = 20_000;

export interface ApplierOptions extends ApplyOptions {
  readonly client: Pick<KubeClient, 'apply'>;
  /** Objects of which the API server's form is remembered; the longest unused are forgotten first, at the cost of one write without effect. Default 20 000. */
  readonly maxRemembered?: number;
}

interface Remembered {
  readonly uid: string | undefined;
  /** Of what was desired. */
  readonly digest: string;
  /** Differences that the API server's own answer had: its form of the same values. */
  readonly accepted: ReadonlySet<string>;
  /** The atomic lists of that answer, defaults included. */
  readonly atomicLists: ReadonlySet<string>;
}

/**
 * Server-side apply that writes only on difference, for one field manager. What no table can know (how an admission webhook or a custom
 * kind's schema rewrites a value, which zero values a field omits) it learns from the API server's answer to its own write: a difference
 * that was there right after applying is the server's form, not drift. Fields no longer desired are noticed as long as this process has
 * written the object before, and after a restart when the informer's `fieldManager` is this one or a `digestAnnotation` is named.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /** Objects of which something is remembered. */
  get size(): number {
    return this.#remembered.size;
  }

  async apply<T extends KubeObject>(type: ResourceType<T>, change: DesiredChange<T>, call: CallOptions): Promise<ApplyResult<T>> {
    const { cached, digestAnnotation } = change;
    const plain = writtenForm(change.desired);
    const desired = digestAnnotation === undefined ? plain : withDigest(plain, digestAnnotation);
    const id = `${type.group}/${type.plural}/${formatKey(keyOf(desired))}`;
    const digest = digestOf(desired);
    if (cached !== undefined && !this.#mustWrite(id, digest, desired, cached, change)) return { outcome: 'unchanged', object: cached };
    const { fieldManager, conflicts } = this.#options;
    const object = await this.#options.client.apply(type, fenced(desired, change), { fieldManager, conflicts }, call);
    const { found, atomicLists } = inspect(desired, object, change);
    this.#remember(id, { uid: object.metadata.uid, digest, accepted: new Set(found.map(fingerprint)), atomicLists: new Set(atomicLists.map(fingerprint)) });
    if (cached === undefined) return { outcome: 'created', object };
    return { outcome: object.metadata.resourceVersion === cached.metadata.resourceVersion ? 'unchanged' : 'changed', object };
  }

  #mustWrite(id: string, digest: string, desired: object, cached: KubeObject, options: DesiredChange<KubeObject>): boolean {
    const known = this.#remembered.get(id);
    const remembered = known?.uid === cached.metadata.uid ? known : undefined;
    if (remembered !== undefined && remembered.digest !== digest) return true;
    const { found, atomicLists } = inspect(desired, cached, options);
    if (found.some((difference) => !remembered?.accepted.has(fingerprint(difference)))) return true;
    if (remembered !== undefined && atomicLists.some((list) => !remembered.atomicLists.has(fingerprint(list)))) return true;
    if (formerlyOwned(desired, cached, this.#options.fieldManager).length > 0) return true;
    if (remembered !== undefined) this.#remember(id, remembered);
    return false;
  }

  #remember(id: string, remembered: Remembered): void {
    this.#remembered.delete(id);
    this.#remembered.set(id, remembered);
    const oldest = this.#remembered.keys().next();
    if (this.#remembered.size > (this.#options.maxRemembered ?? DEFAULT_MAX_REMEMBERED) && !oldest.done) this.#remembered.delete(oldest.value);
  }
}

/** Values go in as a digest: this may be a Secret's. */
function fingerprint({ path, actual }: Difference): string {
  return `${path}=${digestOf(actual)}`;
}

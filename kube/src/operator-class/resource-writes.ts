import { isDeepStrictEqual } from 'node:util';
import type { CallOptions } from '../call-options.ts';
import type { JsonPatchOperation } from '../client/call-shapes.ts';
import type { KubeClient, MergePatch } from '../client/kube-client.ts';
import { isConflict, isInvalid, isNotFound, KubeError } from '../kube-error.ts';
import { formatKey, type KubeObject, type ObjectKey } from '../object.ts';
import { metaOf, type ResourceMeta, typeOf } from './resource-event.ts';

const MAX_ATTEMPTS = 5;

type WithStatus = KubeObject & { status?: unknown };

/**
 * Writes of an event's object. A write that met a newer version is sent again on top of it when nobody else touched what it sets;
 * otherwise it throws the conflict, so that the handler decides afresh. null means that the object is gone, or was made anew.
 */
export class ResourceWrites {
  readonly #client: () => KubeClient;
  /** The newest state of the object that its handler or its last write knows. */
  readonly #known = new WeakMap<ResourceMeta, WithStatus>();

  constructor(client: () => KubeClient) {
    this.#client = client;
  }

  /** Notes what the holder of `meta` has seen. */
  remember(meta: ResourceMeta, object: KubeObject): void {
    this.#known.set(meta, object);
  }

  /** Replaces the whole status. Throws KubeError. */
  async setStatus(meta: ResourceMeta, status: unknown, call: CallOptions): Promise<ResourceMeta | null> {
    const type = typeOf(meta);
    return this.#write(meta, 'status', call, (base) => this.#client().replaceStatus(type, { ...base, status } as WithStatus, call));
  }

  /** RFC 7386 on the status: what it names is set whatever others wrote. Throws KubeError. */
  async patchStatus(meta: ResourceMeta, status: unknown, call: CallOptions): Promise<ResourceMeta | null> {
    const type = typeOf(meta);
    return this.#write(meta, 'nothing', call, (base) => {
      const patch = { metadata: { resourceVersion: base.metadata.resourceVersion }, status } as MergePatch<KubeObject>;
      return this.#client().mergePatchStatus(type, keyOfMeta(meta), patch, call);
    });
  }

  /** Replaces the whole list of finalizers. Throws KubeError. */
  async setFinalizers(meta: ResourceMeta, finalizers: readonly string[], call: CallOptions): Promise<ResourceMeta | null> {
    const type = typeOf(meta);
    return this.#write(meta, 'finalizers', call, async (base) => {
      if (isDeepStrictEqual(base.metadata.finalizers ?? [], finalizers)) return base;
      return this.#client().jsonPatch(type, keyOfMeta(meta), finalizerPatch(base, finalizers), call);
    });
  }

  async #write(meta: ResourceMeta, sets: Touched, call: CallOptions, send: (base: WithStatus) => Promise<KubeObject>): Promise<ResourceMeta | null> {
    let base = this.#known.get(meta) ?? (await this.#read(meta, call));
    if (base === null) return null;
    for (let attempt = 1; ; attempt++) {
      try {
        return this.#wrote(meta, await send(base));
      } catch (error) {
        const newest = await this.#afterRefusal(meta, base, error, call);
        if (newest === null) return null;
        if (attempt === MAX_ATTEMPTS || touched(sets, base, newest)) throw error;
        base = newest;
      }
    }
  }

  #wrote(meta: ResourceMeta, object: KubeObject): ResourceMeta {
    const written = metaOf(meta.id.slice(0, meta.id.indexOf('.')), object);
    this.#known.set(meta, object);
    this.#known.set(written, object);
    return written;
  }

  /** For a meta that no event of this process carried: its version is all that is known of what its holder saw. */
  async #read(meta: ResourceMeta, call: CallOptions): Promise<WithStatus | null> {
    const found = await this.#find(meta, meta.uid, call);
    if (found === null || found.metadata.resourceVersion === meta.resourceVersion) return found;
    throw new KubeError({ code: 409, reason: 'Conflict', message: `${meta.kind} '${formatKey(keyOfMeta(meta))}' has changed since version ${meta.resourceVersion}` });
  }

  /** The newest state where a refusal may come of an older one; null when the object is gone. Throws `error` when it says something else. */
  async #afterRefusal(meta: ResourceMeta, base: WithStatus, error: unknown, call: CallOptions): Promise<WithStatus | null> {
    if (!mayBeOutdated(error)) throw error;
    const newest = await this.#find(meta, base.metadata.uid, call);
    if (newest === null) return null;
    if (isNotFound(error)) {
      const message = `${meta.kind} '${formatKey(keyOfMeta(meta))}' has no status subresource; add subresources: {status: {}} to the version in its definition`;
      throw new KubeError({ code: 404, reason: 'NotFound', message, cause: error });
    }
    if (newest.metadata.resourceVersion === base.metadata.resourceVersion) throw error;
    return newest;
  }

  async #find(meta: ResourceMeta, uid: string | undefined, call: CallOptions): Promise<WithStatus | null> {
    const found = await this.#client().find(typeOf(meta), keyOfMeta(meta), call);
    return found === undefined || (uid !== undefined && found.metadata.uid !== uid) ? null : found;
  }
}

/** A failed `test` of a JSON patch is answered with 422. */
function mayBeOutdated(error: unknown): boolean {
  return isConflict(error) || isNotFound(error) || isInvalid(error);
}

/** What a write replaces as a whole. */
type Touched = 'status' | 'finalizers' | 'nothing';

function touched(sets: Touched, base: WithStatus, newest: WithStatus): boolean {
  if (sets === 'status') return !isDeepStrictEqual(base.status, newest.status);
  if (sets === 'finalizers') return !isDeepStrictEqual(base.metadata.finalizers ?? [], newest.metadata.finalizers ?? []);
  return false;
}

function finalizerPatch(base: KubeObject, finalizers: readonly string[]): JsonPatchOperation[] {
  const path = '/metadata/finalizers';
  return [
    { op: 'test', path: '/metadata/uid', value: base.metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: base.metadata.resourceVersion },
    finalizers.length === 0 ? { op: 'remove', path } : { op: 'add', path, value: finalizers },
  ];
}

function keyOfMeta(meta: ResourceMeta): ObjectKey {
  return { namespace: meta.namespace ?? '', name: meta.name };
}

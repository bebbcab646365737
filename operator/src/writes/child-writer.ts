import { Applier, controllerOf, deployments, digestOf, isAlreadyExists, isInvalid, isNotFound, keyOf } from '@sluice/kube';
import type { Applied, CallOptions, Deployment, JsonPatchOperation, KubeClient, KubeObject, ResourceType } from '@sluice/kube';
import { inShard, type Shard, shardLabel, shardOf } from '../sharding/shard.ts';
import { ownSpec, strayMembers, strayOwners, wholeSpec, withoutOwners } from './drift.ts';
import { ForeignObjectError, FormerObjectError, standingOf } from './ownership.ts';
import { OvertakenError } from './overtaken.ts';
import { digestOfWanted, maxObjects, RightObjects } from './right-objects.ts';

const fieldManager = 'sluice';
/** Entries; one that is forgotten costs a write without effect at each look. */
const maxUnavoidable = maxObjects;

export type ChildClient = Pick<KubeClient, 'apply' | 'create' | 'delete' | 'find' | 'jsonPatch'>;

export interface WantedChild<T extends KubeObject> {
  readonly cached: T | undefined;
  readonly desired: Applied<T>;
  /** What it is created as, where that says more than `desired`. */
  readonly initial?: T;
}

/**
 * Writes the objects that agents and runs own. Each write but a creation is bound to the very state that was looked at
 * (docs/decisions/0014-writes-bound-to-what-was-seen.md): it is refused when anybody has written since, be it a late one of a leader that
 * was deposed. Throws what {@link isOvertaken} knows then; ForeignObjectError and FormerObjectError where a name belongs to others.
 */
export class ChildWriter {
  readonly #client: ChildClient;
  readonly #shard: Shard;
  readonly #applier: Applier;
  /** By uid, what the API server itself adds to a spec each time that it is put back whole, a newer default or a webhook's work: no write takes it away. */
  readonly #unavoidable = new Map<string, string>();
  readonly #right = new RightObjects();

  constructor({ client, shard }: { readonly client: ChildClient; readonly shard?: Shard }) {
    this.#client = client;
    this.#shard = shard;
    this.#applier = new Applier({ client, fieldManager, conflicts: 'force' });
  }

  /** Names are deterministic: what is there already was made by an earlier try of the same plan, or belongs to somebody else. */
  async create<T extends KubeObject>(type: ResourceType<T>, object: T, call: CallOptions): Promise<{ readonly outcome: 'created' | 'present'; readonly object: T }> {
    try {
      return { outcome: 'created', object: await this.#client.create(type, inShard(object, this.#shard), call) };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await this.#client.find(type, keyOf(object), call);
      if (existing === undefined) throw new OvertakenError(type.kind, object.metadata.name, error);
      assertOurs(type, existing, object);
      return { outcome: 'present', object: await this.#seen(type, existing, call) };
    }
  }

  /** Makes the object, or puts it back as it should be. Resolves to what is there then. */
  async ensure<T extends KubeObject>(type: ResourceType<T>, { cached, desired, initial }: WantedChild<T>, call: CallOptions): Promise<T> {
    if (cached !== undefined) return this.putRight(type, { cached, desired }, call);
    // One of ours that no cache shows has lost its labels: until they are back it would be taken for absent.
    const { outcome, object } = await this.create(type, initial ?? (desired as unknown as T), call);
    return outcome === 'created' ? object : this.putRight(type, { cached: object, desired }, call);
  }

  /** An object with our labels that somebody took the owner off is ours. */
  async putRight<T extends KubeObject>(type: ResourceType<T>, { cached, desired }: { readonly cached: T; readonly desired: Applied<T> }, call: CallOptions): Promise<T> {
    if (standingOf(cached, desired as unknown as T) !== 'orphan') assertOurs(type, cached, desired as unknown as T);
    const placed = inShard(desired, this.#shard, cached);
    const wanted = digestOfWanted(placed);
    if (this.#right.has(cached, wanted)) return cached;
    const whole = await this.#withoutStrays(type, placed, await this.#withoutStrayOwners(type, placed, cached, call), call);
    const { object } = await this.#applier.apply(type, { desired: placed, cached: whole, fence: 'version' }, call);
    // The very same object comes back where nothing was written.
    if (object === cached) this.#right.add(cached, wanted);
    return object;
  }

  /** Bound to the generation (changes of spec and annotations), which the constant news in the status of a Deployment leaves alone. */
  async scale(deployment: Deployment, replicas: number, call: CallOptions, besides: readonly JsonPatchOperation[] = []): Promise<void> {
    const { uid, generation, name } = deployment.metadata;
    try {
      await this.#client.jsonPatch(deployments, keyOf(deployment), [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: '/metadata/generation', value: generation },
        { op: 'replace', path: '/spec/replicas', value: replicas },
        ...besides,
      ], call);
    } catch (error) {
      if (isNotFound(error)) throw new OvertakenError(deployments.kind, name, error);
      if (!isInvalid(error)) throw error;
      // The answer to a failed test looks like that of a validation.
      const live = await this.#client.find(deployments, keyOf(deployment), call);
      const same = live?.metadata.uid === uid && live?.metadata.generation === generation;
      throw same ? error : new OvertakenError(deployments.kind, name, error);
    }
  }

  /** Resolves when the object is gone or was gone already. One that `ownerUid` does not control is left alone. */
  async remove<T extends KubeObject>(type: ResourceType<T>, { object, ownerUid }: { readonly object: T | undefined; readonly ownerUid: string | undefined }, call: CallOptions): Promise<void> {
    const { uid, resourceVersion } = object?.metadata ?? {};
    if (object === undefined || uid === undefined || resourceVersion === undefined || (controllerOf(object)?.uid ?? ownerUid) !== ownerUid) return;
    this.#right.delete(uid);
    try {
      await this.#client.delete(type, keyOf(object), { propagationPolicy: 'Background', preconditions: { uid, resourceVersion } }, call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** One of ours with the label of another shard, written late by its former operator or by hand, is in no cache. */
  async #seen<T extends KubeObject>(type: ResourceType<T>, object: T, call: CallOptions): Promise<T> {
    if (shardOf(object) === this.#shard) return object;
    const labels = { ...object.metadata.labels };
    if (this.#shard === undefined) delete labels[shardLabel];
    else labels[shardLabel] = this.#shard;
    return this.#client.jsonPatch(type, keyOf(object), [
      { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
      { op: object.metadata.labels === undefined ? 'add' : 'replace', path: '/metadata/labels', value: labels },
    ], call);
  }

  async #withoutStrays<T extends KubeObject>(type: ResourceType<T>, desired: Applied<T>, cached: T, call: CallOptions): Promise<T> {
    if (strayMembers(desired, cached).length === 0) return cached;
    const { uid = '' } = cached.metadata;
    if (this.#unavoidable.get(uid) === formOf(desired, cached)) return cached;
    const whole = await this.#patch(type, cached, wholeSpec(desired, cached), call);
    if (strayMembers(desired, whole).length > 0) this.#accept(uid, formOf(desired, whole));
    return whole;
  }

  async #withoutStrayOwners<T extends KubeObject>(type: ResourceType<T>, desired: Applied<T>, cached: T, call: CallOptions): Promise<T> {
    const stray = strayOwners(desired, cached);
    return stray.length === 0 ? cached : this.#patch(type, cached, withoutOwners(cached, stray), call);
  }

  async #patch<T extends KubeObject>(type: ResourceType<T>, cached: T, operations: readonly JsonPatchOperation[], call: CallOptions): Promise<T> {
    try {
      return await this.#client.jsonPatch(type, keyOf(cached), operations, call);
    } catch (error) {
      throw isNotFound(error) ? new OvertakenError(type.kind, cached.metadata.name, error) : error;
    }
  }

  #accept(uid: string, form: string): void {
    const oldest = this.#unavoidable.keys().next();
    if (this.#unavoidable.size >= maxUnavoidable && !oldest.done) this.#unavoidable.delete(oldest.value);
    this.#unavoidable.set(uid, form);
  }
}

function formOf<T extends KubeObject>(desired: Applied<T>, found: T): string {
  return digestOf([desired, ownSpec(found)]);
}

function assertOurs<T extends KubeObject>(type: ResourceType<T>, found: T, wanted: T): void {
  const standing = standingOf(found, wanted);
  if (standing === 'former') throw new FormerObjectError(type.kind, found.metadata.name);
  if (standing !== 'ours') throw new ForeignObjectError(type.kind, found.metadata.name);
}

import type { AgentDeployment } from '@sluice/crds';
import type { Clock, DeleteOptions, Deployment, JsonPatchOperation, KubeClient, KubeObject, ObjectKey, ResourceType } from '@sluice/kube';
import { labelMatcher } from '@sluice/kube/testing';
import type { Caches } from '../../caches.ts';
import { isoTime } from '../../evidence/clock-time.ts';
import { agentLabel } from '../../children/index.ts';
import { byReference, namedByAgent, namedByDeployment } from '../../reference-index.ts';
import { apiError, isOf, patched } from '../../writes/testing/bound-writes.ts';

/** Thrown in place of a write: the process died there. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** `before`: the write is lost; `after`: it was made, but nobody learned of it. */
export interface CrashPoint {
  /** Counts from 0 over all writes. */
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** The part of an API server that the agent controller needs, in memory. Caches read the same objects, so they never lag. */
export class MemoryCluster {
  readonly #objects = new Map<string, KubeObject>();
  #versions = 0;
  writes = 0;
  crashAt: CrashPoint | undefined;
  /** Of the API server; without it objects do not say when they were made. */
  clock: Pick<Clock, 'now'> | undefined;
  /** Called before each write with the state it is about to change. */
  onWrite: ((verb: string, object: KubeObject) => void) | undefined;
  /** An admission webhook: returns what is stored in place of what was written. */
  admit: (object: KubeObject) => KubeObject = (object) => object;

  readonly client = {
    create: async (type: ResourceType, object: KubeObject) => this.#write('create', object, () => {
      if (this.#objects.has(idOf(type, object.metadata))) throw apiError(409, 'AlreadyExists');
      return this.put(type, this.#created(object));
    }),
    find: async (type: ResourceType, key: ObjectKey) => this.find(type, key),
    list: async (type: ResourceType, { namespace = '', labelSelector, fieldSelector }: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string }) => {
      const isNamed = (name: string) => fieldSelector === undefined || fieldSelector === `metadata.name=${name}`;
      const matches = labelSelector === undefined ? () => true : labelMatcher(labelSelector);
      return { items: this.list(type.kind).filter(({ metadata }) => metadata.namespace === namespace && matches(metadata.labels) && isNamed(metadata.name)) };
    },
    apply: async (type: ResourceType, object: KubeObject) => this.#write('apply', object, () => {
      const current = this.find(type, keyOf(object));
      if (!isOf(object.metadata, current)) throw apiError(409, 'Conflict');
      return this.put(type, merge(current, object));
    }),
    replaceStatus: async (type: ResourceType, object: KubeObject) => this.#write('status', object, () => {
      const current = this.#present(type, keyOf(object));
      if (!isOf(object.metadata, current)) throw apiError(409, 'Conflict');
      return this.put(type, { ...current, status: structuredClone((object as { status?: unknown }).status) } as KubeObject);
    }),
    jsonPatch: async (type: ResourceType, key: ObjectKey, operations: readonly JsonPatchOperation[]) => this.#write('jsonPatch', { kind: type.kind, apiVersion: '', metadata: { ...key } }, () => {
      const current = this.#present(type, key);
      return this.put(type, patched(current, operations));
    }),
    /** Of labels and annotations alone. */
    mergePatch: async (type: ResourceType, key: ObjectKey, patch: { readonly metadata: KubeObject['metadata'] }) => this.#write('mergePatch', { kind: type.kind, apiVersion: '', metadata: { ...key } }, () => {
      const { resourceVersion, labels, annotations } = patch.metadata;
      const current = this.#present(type, key);
      if (!isOf(resourceVersion === undefined ? {} : { resourceVersion }, current)) throw apiError(409, 'Conflict');
      const { metadata } = current;
      return this.put(type, { ...current, metadata: { ...metadata, labels: { ...metadata.labels, ...labels }, annotations: { ...metadata.annotations, ...annotations } } });
    }),
    delete: async (type: ResourceType, key: ObjectKey, { preconditions = {} }: DeleteOptions) => this.#write('delete', { kind: type.kind, apiVersion: '', metadata: { ...key } }, () => {
      if (!isOf(preconditions, this.#present(type, key))) throw apiError(409, 'Conflict');
      this.remove(type, key);
    }),
  } as unknown as KubeClient;

  #created(object: KubeObject): KubeObject {
    return this.clock === undefined ? object : { ...object, metadata: { ...object.metadata, creationTimestamp: isoTime(this.clock.now()) } };
  }

  put(type: ResourceType, object: KubeObject & { readonly status?: object }): KubeObject {
    this.#versions += 1;
    const previous = this.find(type, keyOf(object));
    const uid = object.metadata.uid ?? `uid-${this.#versions}`;
    const metadata = { ...object.metadata, uid, resourceVersion: String(this.#versions), generation: generationOf(object, previous?.metadata.uid === uid ? previous : undefined) };
    const stored = structuredClone(this.admit({ ...object, metadata }));
    this.#objects.set(idOf(type, object.metadata), stored);
    return stored;
  }

  find(type: ResourceType, key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(idOf(type, key));
  }

  list(kind: string): KubeObject[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind);
  }

  all(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  /** Of all there is, as `Kind/name`. */
  names(): string[] {
    return this.all().map(({ kind, metadata }) => `${kind}/${metadata.name}`).toSorted();
  }

  remove(type: ResourceType, key: ObjectKey): void {
    this.#objects.delete(idOf(type, key));
  }

  /** Caches over these objects; `agentOf` tells which agent a release or an eval run belongs to. */
  caches(types: Readonly<Record<string, ResourceType>>): Caches {
    const store = (type: ResourceType) => ({
      api: 'Served',
      store: {
        get: (key: ObjectKey) => shown(this.find(type, key)),
        list: () => this.list(type.kind),
        byIndex: (index: string, value: string) => this.list(type.kind).filter((object) => shown(object) !== undefined && indexedUnder(index, object).includes(value)),
      },
    });
    return Object.fromEntries([['namespace', ''], ...Object.entries(types).map(([name, type]) => [name, store(type)])]) as never;
  }

  #present(type: ResourceType, key: ObjectKey): KubeObject {
    const current = this.find(type, key);
    if (current === undefined) throw apiError(404, 'NotFound');
    return current;
  }

  async #write<T>(verb: string, object: KubeObject, make: () => T): Promise<T> {
    const number = this.writes;
    this.writes += 1;
    if (this.crashAt?.write === number && this.crashAt.when === 'before') throw new Crash(`before write ${number}`);
    this.onWrite?.(verb, object);
    const made = make();
    if (this.crashAt?.write === number) throw new Crash(`after write ${number}`);
    return made;
  }
}

/** Of what others may have under a name of ours, caches show only what has the operator's label. */
function shown(object: KubeObject | undefined): KubeObject | undefined {
  const isOwn = object?.metadata.labels?.['app.kubernetes.io/managed-by'] === 'sluice';
  return object !== undefined && foreignKinds.has(object.kind) && !isOwn ? undefined : object;
}

const foreignKinds: ReadonlySet<string> = new Set(['Service', 'Deployment', 'HorizontalPodAutoscaler', 'ServiceAccount', 'PodDisruptionBudget', 'NetworkPolicy']);

/** Counts changes of the spec alone. */
function generationOf(object: KubeObject, previous: KubeObject | undefined): number {
  const generation = previous?.metadata.generation ?? 0;
  return previous !== undefined && JSON.stringify(specOf(object)) === JSON.stringify(specOf(previous)) ? generation : generation + 1;
}

function specOf(object: KubeObject): unknown {
  return (object as { readonly spec?: unknown }).spec;
}

function keyOf({ metadata }: KubeObject): ObjectKey {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

function idOf(type: ResourceType, { namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${type.kind}/${namespace}/${name}`;
}

/** The values of an index for an object, as the informers of ../../caches.ts have them. */
function indexedUnder(index: string, object: KubeObject): readonly (string | undefined)[] {
  if (index !== byReference) return [agentOf(object)];
  if (object.kind === 'AgentDeployment') return namedByAgent(object as AgentDeployment);
  return object.kind === 'Deployment' ? namedByDeployment(object as Deployment) : [];
}

function agentOf(object: KubeObject): string {
  const named = (object as { spec?: { agentName?: string } }).spec?.agentName ?? object.metadata.labels?.[agentLabel] ?? object.metadata.name;
  return `${object.metadata.namespace ?? ''}/${named}`;
}

function merge<T>(current: T | undefined, patch: object): T {
  if (current === undefined) return structuredClone(patch) as T;
  const merged: Record<string, unknown> = { ...(current as object) };
  for (const [key, value] of Object.entries(patch)) {
    const before = merged[key];
    merged[key] = isRecord(value) && isRecord(before) ? merge(before, value) : structuredClone(value);
  }
  return merged as T;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { CallOptions } from '../call-options.ts';
import type { WriteTracker } from '../consistency/write-tracker.ts';
import { isNotFound } from '../kube-error.ts';
import { type Applied, type DeepPartial, formatKey, keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { acceptOf, collectionPath, objectPath, type ResourceType } from '../resource-type.ts';
import { LineSplitter } from '../transport/line-splitter.ts';
import type { ByteStream, Transport } from '../transport/transport.ts';
import type {
  ApplyOptions, DeleteAllOptions, DeleteOptions, JsonPatchOperation, KubeList, ListOptions, PodLogOptions, WatchOptions, WriteOptions,
} from './call-shapes.ts';
import { withoutSecretValues } from './confidential-error.ts';
import { type DiscoveredResource, resourcesFrom } from './discovery.ts';
import { listFrom, objectFrom } from './response.ts';
import { Subresource } from './subresource.ts';
import type { Write } from './write.ts';

const PAGE_SIZE = 500;
const MAX_LOG_LINE_BYTES = 64 * 1024 * 1024;

export interface KubeClientOptions {
  readonly transport: Transport;
  /** Told of every write, so that controllers can wait for their caches. */
  readonly writes?: WriteTracker;
  /** Runs before each write is sent; what it throws stops it. Give `() => elector.assertLeading()`. */
  readonly beforeWrite?: () => void;
  /** Owner of the fields that create, replace and patch set; default is the user agent's. */
  readonly fieldManager?: string;
}

/** Typed calls to the API server. Bodies are raw JSON both ways: no field is dropped or converted. Methods throw KubeError, or what `beforeWrite` threw. */
export class KubeClient {
  readonly #transport: Transport;
  readonly #options: KubeClientOptions;

  constructor(options: KubeClientOptions) {
    this.#transport = options.transport;
    this.#options = options;
  }

  async get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, call: CallOptions): Promise<T> {
    return objectFrom(type, await this.#transport.json({ method: 'GET', path: objectPath(type, key), accept: acceptOf(type, 'object'), ...only(call) }));
  }

  /** Like {@link get}, but undefined when there is no such object. */
  async find<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, call: CallOptions): Promise<T | undefined> {
    try {
      return await this.get(type, key, call);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** One page. Objects get the kind and apiVersion that the API server leaves out of lists. */
  async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions, call: CallOptions): Promise<KubeList<T>> {
    const { namespace, ...query } = options;
    return listFrom(type, await this.#transport.json({ method: 'GET', path: collectionPath(type, namespace ?? ''), accept: acceptOf(type, 'list'), query, ...only(call) }));
  }

  /** Every object, page by page; pages are of one consistent snapshot. */
  async *listAll<T extends KubeObject>(type: ResourceType<T>, options: Omit<ListOptions, 'continue'>, call: CallOptions): AsyncGenerator<T, void, undefined> {
    let page = await this.list(type, { limit: PAGE_SIZE, ...options }, call);
    yield* page.items;
    while (page.continue !== undefined) {
      page = await this.list(type, { limit: PAGE_SIZE, ...options, continue: page.continue }, call);
      yield* page.items;
    }
  }

  /** The raw event stream of a watch, one JSON line per event. `call.deadlineMs` bounds the opening only. Informer is the usual reader. */
  watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, call: CallOptions): Promise<ByteStream> {
    const { namespace, initialEvents, ...rest } = options;
    const streamed = initialEvents === 'send' ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' } : {};
    const query = { ...rest, ...streamed, watch: 'true', allowWatchBookmarks: 'true' };
    return this.#transport.stream({ method: 'GET', path: collectionPath(type, namespace ?? ''), accept: acceptOf(type, 'object'), query, ...only(call) });
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: T, call: WriteOptions): Promise<T> {
    return this.#write(whole(type), { method: 'POST', path: collectionPath(type, this.#namespaceFor(type, object)), body: object, query: this.#managed() }, call);
  }

  /** Conflicts unless `metadata.resourceVersion` is the newest. */
  replace<T extends KubeObject>(type: ResourceType<T>, object: T, call: WriteOptions): Promise<T> {
    return this.#write(whole(type), { method: 'PUT', path: objectPath(type, keyOf(object)), body: object, query: this.#managed() }, call);
  }

  replaceStatus<T extends KubeObject>(type: ResourceType<T>, object: T, call: WriteOptions): Promise<T> {
    return this.#write(whole(type), { method: 'PUT', path: `${objectPath(type, keyOf(object))}/status`, body: object, query: this.#managed() }, call);
  }

  /** Resolves once the server has accepted the deletion; finalizers and grace periods may keep the object a while. NotFound is thrown. */
  async delete<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, options: DeleteOptions, call: WriteOptions): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
    const answer = await this.#send({ method: 'DELETE', path: objectPath(type, key), body }, call);
    if (call.dryRun === undefined) this.#options.writes?.deleted(type, key, answer);
  }

  /** Deletes what the selectors choose, in one call (`deletecollection`); caches learn of it from their watches alone. */
  async deleteAll<T extends KubeObject>(type: ResourceType<T>, options: DeleteAllOptions, call: WriteOptions): Promise<void> {
    const { namespace = '', labelSelector, fieldSelector, ...rest } = options;
    if (type.scope === 'Namespaced' && namespace === '') throw new RangeError(`${type.plural} are deleted within one namespace; give options.namespace`);
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...rest };
    await this.#send({ method: 'DELETE', path: collectionPath(type, namespace), query: { labelSelector, fieldSelector }, body }, call);
  }

  /** Another view of an object: `scale`, `status`, `eviction`, `token`, or one of a custom resource. */
  subresource<T extends KubeObject>(type: ResourceType<T>, name: string): Subresource {
    return new Subresource({
      pathOf: (key) => `${objectPath(type, key)}/${encodeURIComponent(name)}`,
      send: (write, call) => this.#send({ ...write, query: { ...this.#managed(), ...write.query } }, call),
      read: (path, call) => this.raw(path, call),
    });
  }

  /** RFC 7386: null removes, arrays are replaced whole. */
  mergePatch<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, patch: MergePatch<T>, call: WriteOptions): Promise<T> {
    return this.#patch(type, objectPath(type, key), 'application/merge-patch+json', patch, call);
  }

  mergePatchStatus<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, patch: MergePatch<T>, call: WriteOptions): Promise<T> {
    return this.#patch(type, `${objectPath(type, key)}/status`, 'application/merge-patch+json', patch, call);
  }

  /** RFC 6902. A failed `test` operation is answered with 422. */
  jsonPatch<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, operations: readonly JsonPatchOperation[], call: WriteOptions): Promise<T> {
    return this.#patch(type, objectPath(type, key), 'application/json-patch+json', operations, call);
  }

  /** Server-side apply: creates the object or sets exactly these fields, and removes those this manager applied before and left out now. */
  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions, call: WriteOptions): Promise<T> {
    return this.#apply(type, objectPath(type, keyOf(object)), object, options, call);
  }

  /** Server-side apply to the status subresource; use a field manager of its own. */
  applyStatus<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions, call: WriteOptions): Promise<T> {
    return this.#apply(type, `${objectPath(type, keyOf(object))}/status`, object, options, call);
  }

  /** The log's lines. Ends with the container when following; leaving the loop or aborting the signal closes the connection. */
  async *podLogs(key: ObjectKey, options: PodLogOptions, call: CallOptions): AsyncGenerator<string, void, undefined> {
    const path = `/api/v1/namespaces/${encodeURIComponent(key.namespace)}/pods/${encodeURIComponent(key.name)}/log`;
    const { follow, run, ...rest } = options;
    const query = { ...rest, follow: follow === 'follow' ? 'true' : undefined, previous: run === 'previous' ? 'true' : undefined };
    const stream = await this.#transport.stream({ method: 'GET', path, query, ...only(call) });
    const lines = new LineSplitter({ maxLineBytes: MAX_LOG_LINE_BYTES, of: 'the log', advice: 'end it sooner with limitBytes' });
    for await (const chunk of stream) yield* lines.feed(chunk);
    const last = lines.rest();
    if (last !== undefined) yield last;
  }

  /** Reads any path as JSON, such as `/version` or `/apis`. */
  raw(path: string, call: CallOptions): Promise<unknown> {
    return this.#transport.json({ method: 'GET', path, ...only(call) });
  }

  /** Reads any path as text, such as `/readyz` or a pod's `/proxy/metrics`. */
  rawText(path: string, call: CallOptions): Promise<string> {
    return this.#transport.text({ method: 'GET', path, ...only(call) });
  }

  /** The kinds of a group and version such as `apps/v1` or `v1`, as the server has them now. */
  async resources(groupVersion: string, call: CallOptions): Promise<DiscoveredResource[]> {
    const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
    return resourcesFrom(groupVersion, await this.raw(path, call));
  }

  /** Where objects with this apiVersion and kind live; undefined when the server has no such kind. */
  async resourceOf(kind: { readonly apiVersion: string; readonly kind: string }, call: CallOptions): Promise<DiscoveredResource | undefined> {
    try {
      return (await this.resources(kind.apiVersion, call)).find((resource) => resource.type.kind === kind.kind);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #apply<T extends KubeObject>(type: ResourceType<T>, path: string, object: Applied<T>, options: ApplyOptions, call: WriteOptions): Promise<T> {
    const query = { fieldManager: options.fieldManager, force: options.conflicts === 'force' ? 'true' : 'false' };
    return this.#write(type, { method: 'PATCH', path, query, body: object, contentType: 'application/apply-patch+yaml', repeat: 'idempotent' }, call);
  }

  #patch<T extends KubeObject>(type: ResourceType<T>, path: string, contentType: string, body: unknown, call: WriteOptions): Promise<T> {
    return this.#write(type, { method: 'PATCH', path, body, contentType, query: this.#managed() }, call);
  }

  async #write<T extends KubeObject>(type: ResourceType<T>, write: Write, call: WriteOptions): Promise<T> {
    const object = objectFrom(type, await this.#send(write, call));
    // What was not stored will never show up in a watch.
    if (call.dryRun === undefined) this.#options.writes?.wrote(type, object);
    return object;
  }

  async #send(write: Write, call: WriteOptions): Promise<unknown> {
    const query = { ...write.query, dryRun: call.dryRun, fieldValidation: call.fieldValidation };
    try {
      return await this.#transport.json({ ...write, query, ...only(call), beforeSend: this.#options.beforeWrite });
    } catch (error) {
      throw withoutSecretValues(error, write);
    }
  }

  #managed(): Record<string, string | undefined> {
    return { fieldManager: this.#options.fieldManager };
  }

  #namespaceFor<T extends KubeObject>(type: ResourceType<T>, object: T): string {
    const { namespace } = keyOf(object);
    if (type.scope === 'Namespaced' && namespace === '') {
      throw new RangeError(`${type.kind} '${formatKey(keyOf(object))}': metadata.namespace is empty but ${type.plural} are namespaced; give a namespace`);
    }
    return namespace;
  }
}

/** What was read without its spec must not be written back. */
function whole<T extends KubeObject>(type: ResourceType<T>): ResourceType<T> {
  if (type.view === undefined) return type;
  throw new RangeError(`${type.plural} are read as metadata only: what is written whole would lose its spec; patch or apply, or write through the full type`);
}

/** Not a plain spread: an AbortController fits CallOptions too, and its signal is a getter that a spread would lose. */
function only({ signal, deadlineMs, urgency }: CallOptions): CallOptions {
  return { signal, ...(deadlineMs === undefined ? {} : { deadlineMs }), ...(urgency === undefined ? {} : { urgency }) };
}

/** A partial object in which null removes a field. */
export type MergePatch<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: MergePatch<T[K]> | null } : DeepPartial<T>;

import type { ServerResponse } from 'node:http';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import { isDesiredAnew, timestamp } from './api-lifecycle.ts';
import { type ApiPlace, discoveryOf, hasStatus, isCustom, placeAt } from './api-path.ts';
import { ApiReads, type StreamingLists, viewOf } from './api-reads.ts';
import { ApiStore } from './api-store.ts';
import { ApiWatches, lineOf } from './api-watches.ts';
import { type Answer, ApiWrites } from './api-writes.ts';
import { ownersAfter } from './field-owners.ts';
import { Refusal } from './refusal.ts';
import { answer, type ReceivedRequest, ScriptedServer, status } from './scripted-server.ts';

/** Returns 'handled' when it has answered the request itself. */
export type Fault = (request: ReceivedRequest, response: ServerResponse) => 'handled' | 'pass';

export interface FakeApiOptions {
  /** What timestamps are read from; default the system's. */
  readonly clock?: Clock;
}

/**
 * One kind served as the API server does it: discovery, versions, pages, selectors, watches that replay, patches of RFC 6902 and RFC 7386,
 * server-side apply, finalizers, preconditions, dry runs, generation and status; faults on demand. It does not do: validation, defaulting or
 * any schema (so apply replaces lists whole, but for finalizers and owners), admission, namespaces that must exist, garbage collection
 * (propagation policies count for nothing), grace periods, `managedFields` in its answers, strategic merge patches (415), subresources but
 * status (404), field selectors but of name and namespace (400), and any other kind (404).
 */
export class FakeApi<T extends KubeObject> {
  readonly server: ScriptedServer;
  readonly #type: ResourceType<T>;
  readonly #clock: Clock;
  readonly #watches = new ApiWatches();
  readonly #store: ApiStore<T>;
  readonly #reads: ApiReads<T>;
  readonly #writes: ApiWrites<T>;
  fault: Fault = () => 'pass';
  streamingLists: StreamingLists = 'served';

  private constructor(server: ScriptedServer, type: ResourceType<T>, { clock = systemClock }: FakeApiOptions) {
    this.server = server;
    this.#type = type;
    this.#clock = clock;
    this.#store = new ApiStore<T>((event) => this.#watches.tell(event));
    this.#reads = new ApiReads(type, this.#store, this.#watches);
    this.#writes = new ApiWrites(type, this.#store, clock);
    server.script((request, response) => this.#answer(request, response));
  }

  static async start<T extends KubeObject>(type: ResourceType<T>, options: FakeApiOptions = {}): Promise<FakeApi<T>> {
    return new FakeApi(await ScriptedServer.listen(), type, options);
  }

  get version(): string {
    return String(this.#store.version);
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Requests of a kind; a streaming list is a watch. */
  count(kind: 'list' | 'watch' | 'write'): number {
    return this.server.requests.filter((request) => (request.method === 'GET' ? (request.query.has('watch') ? 'watch' : 'list') : 'write') === kind).length;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#store.get({ namespace, name });
  }

  /** Stores the object as it is, status and deletion included, past all rules but uid, version and generation. */
  put(object: T): T {
    const known = this.#store.get(keyOf(object));
    const { creationTimestamp = known?.metadata.creationTimestamp ?? timestamp(this.#clock) } = object.metadata;
    const generation = hasStatus(this.#type) ? { generation: generationOf(object, known) } : {};
    const stored: T = { ...object, metadata: { ...object.metadata, creationTimestamp, ...generation, uid: known?.metadata.uid ?? this.#store.newUid() } };
    return this.#store.save(stored, ownersAfter(known, stored, 'FakeApi.put Update whole', this.#store.ownersOf(keyOf(object))));
  }

  /** Deletes it at once, whatever its finalizers. */
  remove(namespace: string, name: string): T | undefined {
    return this.#store.remove({ namespace, name });
  }

  /** Sends a line to every open watch, whatever it is. */
  sendRaw(text: string | Uint8Array): void {
    this.#watches.send(text);
  }

  bookmark(): void {
    this.#store.skip();
    this.sendRaw(lineOf('BOOKMARK', { kind: this.#type.kind, metadata: { resourceVersion: this.version } }));
  }

  /** Hands the lines of coming events to `deliver` instead of sending them. */
  holdEvents(deliver: (line: string) => void): void {
    this.#watches.hold(deliver);
  }

  /** Ends every open watch as the server's own timeout does. */
  endWatches(): void {
    this.#watches.end();
  }

  /** Forgets the events and lists so far, as compaction does: a watch from before, or a further page, is answered with 410. */
  compact(): void {
    this.#reads.compact();
    this.#store.compact();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #answer(request: ReceivedRequest, response: ServerResponse): void {
    if (this.fault(request, response) === 'handled') return;
    try {
      this.#route(request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer(response, error.code, status(error.code, error.reason, error.message, error.reason === '' ? { ...error.extra, reason: undefined } : error.extra));
    }
  }

  #route(request: ReceivedRequest, response: ServerResponse): void {
    const place = placeAt(this.#type, request.path);
    if (place === undefined) throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
    if (place.at === 'collection' && request.method === 'GET' && request.query.has('watch')) {
      return this.#reads.watch(request, response, place.namespace, this.streamingLists);
    }
    const { code, body } = place.at === 'discovery' ? this.#discover(request) : place.at === 'collection' ? this.#onCollection(request, place) : this.#onObject(request, place);
    answer(response, code, body);
  }

  #discover({ method }: ReceivedRequest): Answer {
    if (method !== 'GET') throw notAllowed(this.#type);
    return { code: 200, body: discoveryOf(this.#type, apiVersionOf(this.#type)) };
  }

  #onCollection(request: ReceivedRequest, { namespace }: Extract<ApiPlace, { at: 'collection' }>): Answer {
    const { method } = request;
    if (method === 'GET') return { code: 200, body: this.#reads.list(request, namespace) };
    if (this.#type.scope === 'Namespaced' && namespace === '') throw notAllowed(this.#type);
    if (method === 'POST') return this.#writes.create(request, namespace);
    if (method === 'DELETE') return this.#writes.deleteAll(request, namespace);
    throw notAllowed(this.#type);
  }

  #onObject(request: ReceivedRequest, { namespace, name, view }: Extract<ApiPlace, { at: 'object' }>): Answer {
    const target = { key: { namespace, name }, view };
    const { method } = request;
    if (method === 'GET') return { code: 200, body: viewOf(request)(this.#writes.existing(target.key)) };
    if (method === 'PUT') return this.#writes.replace(request, target);
    if (method === 'PATCH') return this.#writes.patch(request, target);
    if (method === 'DELETE' && view === 'whole') return this.#writes.delete(request, target);
    if (method === 'POST' && view === 'whole' && isCustom(this.#type)) return this.#writes.create(request, namespace);
    throw notAllowed(this.#type);
  }
}

function generationOf(object: KubeObject, known: KubeObject | undefined): number {
  const { generation } = object.metadata;
  if (known === undefined) return generation ?? 1;
  const before = known.metadata.generation ?? 1;
  if (generation !== undefined && generation !== before) return generation;
  return isDesiredAnew(known, object) ? before + 1 : before;
}

function notAllowed<T extends KubeObject>(type: ResourceType<T>): Refusal {
  // The server takes a request to a custom resource apart before it looks at the method.
  if (isCustom(type)) return new Refusal(400, 'BadRequest', 'the method does not fit the path');
  return new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { answer, type ReceivedRequest, ScriptedServer, status } from './scripted-server.ts';

interface LoggedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: KubeObject;
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly namespace: string;
}

/** Returns 'handled' when it has answered the request itself. */
export type Fault = (request: ReceivedRequest, response: ServerResponse) => 'handled' | 'pass';

/** One resource type served as the API server does it: versions, pages, watches that replay from a version. With faults on demand. */
export class FakeApi<T extends KubeObject> {
  readonly server: ScriptedServer;
  readonly #type: ResourceType<T>;
  readonly #objects = new Map<string, T>();
  readonly #log: LoggedEvent[] = [];
  readonly #watches = new Set<OpenWatch>();
  #deliver: (line: string) => void = (line) => this.sendRaw(line);
  #version = 100;
  #uid = 0;
  fault: Fault = () => 'pass';
  /** 'ignored': as a server too old to know the parameter. */
  streamingLists: 'served' | 'refused' | 'ignored' = 'served';

  private constructor(server: ScriptedServer, type: ResourceType<T>) {
    this.server = server;
    this.#type = type;
    server.script((request, response) => this.#route(request, response));
  }

  static async start<T extends KubeObject>(type: ResourceType<T>): Promise<FakeApi<T>> {
    return new FakeApi(await ScriptedServer.listen(), type);
  }

  get version(): string {
    return String(this.#version);
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Requests of a kind; a streaming list is a watch. */
  count(kind: 'list' | 'watch' | 'write'): number {
    return this.server.requests.filter((request) => (request.method === 'GET' ? (request.query.has('watch') ? 'watch' : 'list') : 'write') === kind).length;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  put(object: T): T {
    const key = keyOf(object);
    const known = this.#objects.get(key);
    const uid = known?.metadata.uid ?? `uid-${++this.#uid}`;
    const stored: T = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(++this.#version) } };
    this.#objects.set(key, stored);
    this.#emit(known ? 'MODIFIED' : 'ADDED', stored);
    return stored;
  }

  remove(namespace: string, name: string): T | undefined {
    const known = this.#objects.get(`${namespace}/${name}`);
    if (!known) return undefined;
    this.#objects.delete(`${namespace}/${name}`);
    const last: T = { ...known, metadata: { ...known.metadata, resourceVersion: String(++this.#version) } };
    this.#emit('DELETED', last);
    return last;
  }

  /** Sends a line to every open watch, whatever it is. */
  sendRaw(text: string | Uint8Array): void {
    for (const watch of this.#watches) watch.response.write(text);
  }

  bookmark(): void {
    this.#version += 1;
    this.sendRaw(`${JSON.stringify({ type: 'BOOKMARK', object: { kind: this.#type.kind, metadata: { resourceVersion: this.version } } })}\n`);
  }

  /** Hands the lines of coming events to `deliver` instead of sending them. */
  holdEvents(deliver: (line: string) => void): void {
    this.#deliver = deliver;
  }

  /** Ends every open watch as the server's own timeout does. */
  endWatches(): void {
    for (const watch of this.#watches) watch.response.end();
    this.#watches.clear();
  }

  /** Forgets the events so far, as compaction does: a watch from before is answered with 410. */
  compact(): void {
    this.#log.length = 0;
    this.#version += 1;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #emit(type: LoggedEvent['type'], object: T): void {
    const event = { type, version: this.#version, object };
    this.#log.push(event);
    if ([...this.#watches].every((watch) => concerns(watch, event))) this.#deliver(lineOf(event));
    else for (const watch of this.#watches) send(watch, event);
  }

  #route(request: ReceivedRequest, response: ServerResponse): void {
    if (this.fault(request, response) === 'handled') return;
    const [, namespace = '', name = ''] = /(?:\/namespaces\/([^/]+))?\/[a-z]+(?:\/([^/]+))?$/.exec(request.path.replace(/^\/(?:api|apis\/[^/]+)\/[^/]+/, '')) ?? [];
    if (request.method !== 'GET') return this.#write(request, response, namespace, name);
    if (name !== '') {
      const found = this.get(namespace, name);
      return found ? answer(response, 200, found) : this.#notFound(response, name);
    }
    if (request.query.has('watch')) this.#watch(request, response, namespace);
    else this.#list(request, response, namespace);
  }

  #list(request: ReceivedRequest, response: ServerResponse, namespace: string): void {
    const all = [...this.#objects.values()].filter((object) => namespace === '' || object.metadata.namespace === namespace);
    const limit = Number(request.query.get('limit') ?? all.length + 1);
    const from = Number(request.query.get('continue') ?? 0);
    const more = from + limit < all.length;
    // As in real lists, items carry neither kind nor apiVersion.
    const items = all.slice(from, from + limit).map(({ kind: _kind, apiVersion: _version, ...item }) => item);
    answer(response, 200, { kind: `${this.#type.kind}List`, items, metadata: { resourceVersion: this.version, ...(more ? { continue: String(from + limit) } : {}) } });
  }

  #watch(request: ReceivedRequest, response: ServerResponse, namespace: string): void {
    if (request.query.has('sendInitialEvents')) return this.#stream(response, namespace);
    const from = Number(request.query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const oldest = this.#log[0]?.version ?? this.#version + 1;
    if (from < oldest - 1 && from < this.#version) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version') })}\n`);
      return;
    }
    const watch = { response, namespace };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
    for (const event of this.#log) if (event.version > from) send(watch, event);
  }

  #stream(response: ServerResponse, namespace: string): void {
    if (this.streamingLists === 'refused') return answer(response, 422, status(422, 'Invalid', 'sendInitialEvents: Forbidden: the WatchList feature gate is off'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watch = { response, namespace };
    for (const object of this.#objects.values()) send(watch, { type: 'ADDED', version: 0, object });
    const end = { kind: this.#type.kind, metadata: { resourceVersion: this.version, annotations: { 'k8s.io/initial-events-end': 'true' } } };
    if (this.streamingLists === 'served') response.write(`${JSON.stringify({ type: 'BOOKMARK', object: end })}\n`);
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
  }

  #write(request: ReceivedRequest, response: ServerResponse, namespace: string, name: string): void {
    if (request.method === 'DELETE') {
      const last = this.remove(namespace, name);
      return last ? answer(response, 200, { kind: 'Status', status: 'Success', details: { uid: last.metadata.uid } }) : this.#notFound(response, name);
    }
    const sent = JSON.parse(request.body) as T;
    const known = this.#objects.get(request.method === 'POST' ? keyOf(sent) : `${namespace}/${name}`);
    if (request.method === 'POST' && known) return answer(response, 409, status(409, 'AlreadyExists', `${name} exists`));
    if (request.method === 'PUT' && known && sent.metadata.resourceVersion !== known.metadata.resourceVersion) {
      return answer(response, 409, status(409, 'Conflict', 'the object has been modified'));
    }
    answer(response, known ? 200 : 201, this.put(request.method === 'PATCH' ? { ...known, ...sent, metadata: { ...known?.metadata, ...sent.metadata } } : sent));
  }

  #notFound(response: ServerResponse, name: string): void {
    answer(response, 404, status(404, 'NotFound', `${this.#type.plural} "${name}" not found`));
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function send(watch: OpenWatch, event: LoggedEvent): void {
  if (concerns(watch, event)) watch.response.write(lineOf(event));
}

function concerns(watch: OpenWatch, event: LoggedEvent): boolean {
  return watch.namespace === '' || watch.namespace === event.object.metadata.namespace;
}

function lineOf(event: LoggedEvent): string {
  return `${JSON.stringify({ type: event.type, object: event.object })}\n`;
}

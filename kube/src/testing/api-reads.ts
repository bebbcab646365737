import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import { isCustom } from './api-path.ts';
import { matcherOf } from './api-selectors.ts';
import type { ApiStore } from './api-store.ts';
import { type ApiWatches, lineOf, type OpenWatch, tellOne } from './api-watches.ts';
import { Refusal } from './refusal.ts';
import { type ReceivedRequest, status } from './scripted-server.ts';

/** How a server takes a watch that asks for all objects first; 'ignored': as one too old to know the parameter. */
export type StreamingLists = 'served' | 'refused' | 'ignored';

/** Lists and watches of the objects of one kind. */
export class ApiReads<T extends KubeObject> {
  readonly #type: ResourceType<T>;
  readonly #store: ApiStore<T>;
  readonly #watches: ApiWatches;
  /** What later pages of a list are cut from, by the version of its first. */
  readonly #snapshots = new Map<string, readonly T[]>();

  constructor(type: ResourceType<T>, store: ApiStore<T>, watches: ApiWatches) {
    this.#type = type;
    this.#store = store;
    this.#watches = watches;
  }

  /** Forgets what pages were to be cut from. */
  compact(): void {
    this.#snapshots.clear();
  }

  /** The list, or a page of it. Throws Refusal (400 for a selector, 410 for the token of a list that is forgotten). */
  list(request: ReceivedRequest, namespace: string): object {
    const [version = String(this.#store.version), start = '0'] = request.query.get('continue')?.split('/') ?? [];
    const [all, from] = [this.#listed(request, version).filter(matcherOf(request.query, namespace)), Number(start)];
    const limit = Number(request.query.get('limit') ?? 0) || all.length;
    const next = from + limit < all.length ? { continue: `${version}/${from + limit}` } : {};
    if ('continue' in next) this.#snapshots.set(version, this.#listed(request, version));
    const view = viewOf(request);
    const own = view === whole ? { kind: `${this.#type.kind}List`, apiVersion: apiVersionOf(this.#type) } : { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' };
    const items = all.slice(from, from + limit).map((object) => (view === whole ? this.#item(object) : view(object)));
    return { ...own, metadata: { resourceVersion: version, ...next }, items };
  }

  /** Opens a watch. Throws Refusal before anything is answered. */
  watch(request: ReceivedRequest, response: ServerResponse, namespace: string, lists: StreamingLists): void {
    const watch: OpenWatch = { response, matches: matcherOf(request.query, namespace), view: viewOf(request) };
    const [streamed, asked] = [request.query.has('sendInitialEvents'), request.query.get('resourceVersion') ?? ''];
    if (streamed && lists === 'refused') throw new Refusal(422, 'Invalid', 'sendInitialEvents: Forbidden: the WatchList feature gate is off');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (streamed || asked === '' || asked === '0') this.#begin(watch, streamed && lists === 'served' ? 'marked' : 'plain');
    else if (this.#replay(watch, Number(asked)) === 'forgotten') return;
    this.#watches.open(watch);
  }

  #listed({ query }: ReceivedRequest, version: string): readonly T[] {
    if (!query.has('continue')) return this.#store.list();
    const snapshot = this.#snapshots.get(version);
    if (snapshot === undefined) throw new Refusal(410, 'Expired', 'The provided continue parameter is too old');
    return snapshot;
  }

  /** In lists of Kubernetes's own kinds, items carry neither kind nor apiVersion. */
  #item(object: T): unknown {
    if (isCustom(this.#type)) return object;
    const { kind: _kind, apiVersion: _version, ...item } = object;
    return item;
  }

  #begin(watch: OpenWatch, end: 'marked' | 'plain'): void {
    for (const object of this.#store.list()) tellOne(watch, { type: 'ADDED', version: 0, object, previous: undefined });
    const metadata = { resourceVersion: String(this.#store.version), annotations: { 'k8s.io/initial-events-end': 'true' } };
    if (end === 'marked') watch.response.write(lineOf('BOOKMARK', { kind: this.#type.kind, metadata }));
  }

  #replay(watch: OpenWatch, version: number): 'told' | 'forgotten' {
    const events = this.#store.since(version);
    if (events === undefined) {
      watch.response.end(lineOf('ERROR', status(410, 'Expired', 'too old resource version')));
      return 'forgotten';
    }
    for (const event of events) tellOne(watch, event);
    return 'told';
  }
}

/** What the request's Accept header asks to see of an object. */
export function viewOf({ headers }: ReceivedRequest): (object: KubeObject) => unknown {
  return (headers.accept ?? '').includes('as=PartialObjectMetadata') ? metadataOf : whole;
}

function whole(object: KubeObject): unknown {
  return object;
}

function metadataOf({ metadata }: KubeObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

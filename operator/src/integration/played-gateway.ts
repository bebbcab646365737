import { setTimeout as wait } from 'node:timers/promises';
import { type Condition, isConflict, isNotFound } from '@sluice/kube';
import { isoTime } from '../evidence/index.ts';
import { httpRoutes, type HTTPRoute, type ParentReference } from '../traffic/http-routes.ts';
import { call, type TestCluster } from './test-cluster.ts';

const lookEveryMs = 200;

/** Gateways that are played: one that takes every route, and one that takes none with copies. A route of any other gets no answer. */
export const takesAll = 'takes-all';
export const takesNoCopies = 'takes-no-copies';

/** Stands in for a Gateway's controller: says of each route whether it takes it. */
export class PlayedGateway {
  /** Namespaces whose routes get no answer for the time being. */
  readonly deafTo = new Set<string>();
  readonly #cluster: TestCluster;
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  static start(cluster: TestCluster): PlayedGateway {
    const gateway = new PlayedGateway(cluster);
    gateway.#work = gateway.#run();
    return gateway;
  }

  /** Rejects with the first thing that went wrong while it played. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    if (this.#failure !== undefined) throw new Error('the played Gateway failed', { cause: this.#failure });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look().catch((error: unknown) => this.#note(error));
      await wait(lookEveryMs);
    }
  }

  /** In a cluster without the definition there is nothing to list. */
  #note(error: unknown): void {
    if (!isNotFound(error) && !isConflict(error)) this.#failure ??= error;
  }

  async #look(): Promise<void> {
    const { items } = await this.#cluster.admin.list(httpRoutes, {}, call);
    for (const route of items.filter(({ metadata }) => this.#hears(metadata.namespace ?? ''))) await this.#answer(route).catch((error: unknown) => this.#note(error));
  }

  #hears(namespace: string): boolean {
    return this.#cluster.namespaces.includes(namespace) && !this.deafTo.has(namespace);
  }

  async #answer(route: HTTPRoute): Promise<void> {
    const parents = (route.spec.parentRefs ?? []).filter(({ name }) => name === takesAll || name === takesNoCopies);
    const said = route.status?.parents ?? [];
    if (parents.length === 0 || (said.length > 0 && said.every(({ conditions }) => conditions?.[0]?.observedGeneration === route.metadata.generation))) return;
    const status = { parents: parents.map((parentRef) => ({ parentRef, controllerName: 'example.com/played', conditions: conditionsOf(parentRef, route) })) };
    const key = { namespace: route.metadata.namespace ?? '', name: route.metadata.name };
    await this.#cluster.admin.mergePatchStatus(httpRoutes, key, { status }, call);
  }
}

function conditionsOf({ name }: ParentReference, { spec, metadata }: HTTPRoute): Condition[] {
  const copies = spec.rules?.some(({ filters }) => filters?.some(({ type }) => type === 'RequestMirror')) ?? false;
  const common = { observedGeneration: metadata.generation ?? 0, lastTransitionTime: isoTime(0) };
  const accepted: Condition = name === takesNoCopies && copies
    ? { type: 'Accepted', status: 'False', reason: 'UnsupportedValue', message: 'RequestMirror filters are not supported.', ...common }
    : { type: 'Accepted', status: 'True', reason: 'Accepted', message: '', ...common };
  return [accepted, { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: '', ...common }];
}

import { type Clock, configMaps, KubeClient, runTogether, secrets, Transport, WriteTracker } from '@sluice/kube';
import { widgets } from '../../../kube/src/testing/widgets.ts';
import { connectionThrough, type FaultStage } from '../fault-stage.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import { within } from '../within.ts';
import { follow } from './followed.ts';
import { parentController, undesired } from './parent-controller.ts';

export interface WorldOptions {
  readonly stage: FaultStage;
  /** The only way to the API server that the world has. */
  readonly proxy: FaultProxy;
  readonly clock: Clock;
  readonly run: string;
  readonly spaces: readonly [string, string];
  /** Of `clock`, milliseconds. */
  readonly stallMs: number;
  readonly pageSize?: number;
  /** Milliseconds; the controller's default otherwise. */
  readonly maxDelayMs?: number;
}

/** Informers of several types, with and without namespaces, selectors and indexes, and a controller that writes. */
export class World {
  /** Faults that the informers reported and survived. */
  survived = 0;
  readonly transport: Transport;
  readonly #options: WorldOptions;
  readonly #followed;
  readonly #stop = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor(options: WorldOptions) {
    const { proxy, clock, run, maxDelayMs } = options;
    this.#options = options;
    this.transport = new Transport({ connection: connectionThrough(proxy), clock });
    const writes = new WriteTracker({ clock });
    const client = new KubeClient({ transport: this.transport, writes });
    this.#followed = this.#followAll(client);
    const { parents, children, all } = this.#followed;
    const controller = parentController({
      client, parents: parents.informer, children: children.informer, run, writes, clock, concurrency: 4, ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
    });
    this.#ended = runTogether([...all.map(({ informer }) => informer), controller], this.#stop).then(() => 'stopped', (error: unknown) => error);
  }

  /** Objects in all caches. */
  get cached(): number {
    return this.#followed.all.reduce((sum, { informer }) => sum + informer.store.size, 0);
  }

  get parents(): number {
    return this.#followed.parents.informer.store.size;
  }

  get contradictions(): readonly string[] {
    return this.#followed.all.flatMap(({ contradictions }) => contradictions);
  }

  /** What ended it before it was stopped; undefined while it runs. */
  async endedEarly(): Promise<unknown> {
    return Promise.race([this.#ended, Promise.resolve(undefined)]);
  }

  /** Waits until caches, handlers, indexes, children and server agree. */
  async settled(ms: number): Promise<void> {
    let wrong: readonly string[] = [];
    await within(ms, 'cache, handlers, children and server agree', async () => {
      const early = await this.endedEarly();
      if (early !== undefined) throw new Error('the controller or an informer ended by itself', { cause: early });
      wrong = await this.#differences();
      return wrong.length === 0;
    }, () => wrong.slice(0, 20).join('\n'));
  }

  /** Stops everything; resolves when no connection is left. */
  async close(): Promise<void> {
    const { proxy } = this.#options;
    this.#stop.abort();
    await this.#ended;
    await this.transport.close();
    await within(10_000, 'all connections close', () => proxy.sockets.open === 0, () => `${proxy.sockets.open} are open`);
  }

  #followAll(client: KubeClient) {
    const { clock, run, spaces: [first, second], stallMs, pageSize } = this.#options;
    const common = { client, clock, stallMs, onError: () => void (this.survived += 1), ...(pageSize === undefined ? {} : { pageSize }) };
    const parents = follow('widgets', { ...common, type: widgets, labelSelector: `run=${run}`, indexes: { color: ({ spec }) => [spec.color ?? ''] } });
    const children = follow('children', { ...common, type: configMaps, labelSelector: `app=child,run=${run}`, indexes: { size: ({ data }) => [data?.['size'] ?? ''] } });
    const light = follow('light notes', { ...common, type: configMaps, namespace: first, labelSelector: 'shade=light' });
    const notes = follow('config maps', { ...common, type: configMaps, namespace: second });
    const hidden = follow('secrets', { ...common, type: secrets, namespace: first, fieldSelector: 'type=Opaque' });
    return { parents, children, all: [parents, children, light, notes, hidden] };
  }

  async #differences(): Promise<readonly string[]> {
    const { stage: { client, stop }, run } = this.#options;
    const views = await Promise.all(this.#followed.all.map((each) => each.differences(client, stop)));
    const parents = await Array.fromAsync(client.listAll(widgets, { labelSelector: `run=${run}` }, stop));
    const children = await Array.fromAsync(client.listAll(configMaps, { labelSelector: `app=child,run=${run}` }, stop));
    return [...views.flat(), ...undesired(parents, children, run)];
  }
}

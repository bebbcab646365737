import { KubeClient } from '../client/kube-client.ts';
import { FakeClock } from '../clock-fake.ts';
import { Informer, type InformerOptions } from '../informer/informer.ts';
import { fakeRandom } from '../random-fake.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { Transport } from '../transport/transport.ts';
import { connectionTo } from './connection.ts';
import { eventually, pause } from './eventually.ts';
import { FakeApi } from './fake-api.ts';
import { status } from './scripted-server.ts';

export function configMap(name: string, data: Record<string, string> = {}, namespace = 'default'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

/** An informer of ConfigMaps on a fake API server, with a clock the test owns and a record of all that was heard. Lists by pages unless told otherwise. */
export class InformerRig {
  readonly api: FakeApi<ConfigMap>;
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly clock = new FakeClock();
  readonly informer: Informer<ConfigMap>;
  readonly heard: string[] = [];
  readonly errors: Error[] = [];
  readonly stop = new AbortController();
  #running: Promise<void> | undefined;

  private constructor(api: FakeApi<ConfigMap>, options: Partial<InformerOptions<ConfigMap>>) {
    this.api = api;
    this.transport = new Transport({ connection: connectionTo(api.server.url) });
    this.client = new KubeClient({ transport: this.transport });
    this.informer = new Informer({
      client: this.client, type: configMaps, clock: this.clock, random: fakeRandom(0.5), listMode: 'paging', onError: (error) => this.errors.push(error), ...options,
    });
    this.informer.addHandler({
      onAdd: (object, { initial }) => this.heard.push(`${initial} add ${object.metadata.name}`),
      onUpdate: (object, previous) => this.heard.push(`update ${object.metadata.name} ${previous.data?.['v']}->${object.data?.['v']}`),
      onDelete: (object) => this.heard.push(`delete ${object.metadata.name}`),
    });
  }

  static async start(options: Partial<InformerOptions<ConfigMap>> = {}): Promise<InformerRig> {
    return new InformerRig(await FakeApi.start(configMaps), options);
  }

  run(): Promise<void> {
    this.#running = this.informer.run({ signal: this.stop.signal });
    return this.#running;
  }

  synced(): Promise<void> {
    return this.informer.whenSynced({ signal: this.stop.signal });
  }

  names(): string[] {
    return this.informer.store.list().map((object) => object.metadata.name).toSorted();
  }

  /** Until one watch is open, which is the `count`th or later. */
  async watching(count = 1): Promise<void> {
    await eventually('a watch is open', () => this.api.openWatches === 1 && this.api.count('watch') >= count);
  }

  /** Lets delays pass, `stepMs` at a time, until `condition` holds. */
  async advanceUntil(what: string, condition: () => boolean, stepMs = 500): Promise<void> {
    await eventually(what, async () => {
      await this.clock.advance(stepMs);
      await pause(10);
      return condition();
    });
  }

  /** Sends an ERROR event to the open watches. */
  sendError(code: number, reason: string, extra: object = {}): void {
    this.api.sendRaw(`${JSON.stringify({ type: 'ERROR', object: status(code, reason, reason, extra) })}\n`);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.#running;
    await this.transport.close();
    await this.api.close();
  }
}

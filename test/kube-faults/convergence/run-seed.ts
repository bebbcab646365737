import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, configMaps, KubeClient, runTogether, secrets, Transport, WriteTracker } from '@sluice/kube';
import { widgets } from '../../../kube/src/testing/widgets.ts';
import { seededRandom } from '../../provider-simulator/seeded-random.ts';
import { connectionThrough, type FaultStage } from '../fault-stage.ts';
import type { FaultKind } from '../proxy/fault.ts';
import { randomSchedule } from '../proxy/schedule.ts';
import { warpedClock } from '../proxy/warped-clock.ts';
import { within } from '../within.ts';
import { type Followed, follow } from './followed.ts';
import { parentController, undesired } from './parent-controller.ts';
import { Writer } from './writer.ts';

/** Times of the client run so much faster than real ones: a backoff of 30 s takes less than 4 s. */
const SPEED = 8;
/** Of the client's time, milliseconds: real 2.5 s. */
const STALL_MS = 20_000;
const WRITE_EVERY_MS = 15;
const SETTLE_MS = 90_000;

export interface SeedOptions {
  readonly seed: number;
  /** How long objects change and faults strike, milliseconds. */
  readonly faultMs: number;
}

export interface SeedOutcome {
  readonly seed: number;
  readonly struck: ReadonlyMap<FaultKind, number>;
  readonly changes: number;
  readonly requests: number;
  readonly objects: number;
  /** Faults that the informers reported and survived. */
  readonly survived: number;
  readonly contradictions: readonly string[];
  /** Connections of the client left open after everything was stopped. */
  readonly openSockets: number;
}

/** One random run: faults and changes together, then quiet until all agrees. Throws an error that names the seed when it never does. */
export async function runSeed(stage: FaultStage, options: SeedOptions): Promise<SeedOutcome> {
  try {
    return await attempt(stage, options);
  } catch (error) {
    throw new Error(`seed ${options.seed} failed; run it again with KUBE_FAULTS_SEEDS=${options.seed}`, { cause: error });
  }
}

async function attempt(stage: FaultStage, { seed, faultMs }: SeedOptions): Promise<SeedOutcome> {
  const run = `seed-${seed}-${process.pid}`;
  const spaces = [await stage.namespace(`${run}-a`), await stage.namespace(`${run}-b`)] as const;
  const schedule = randomSchedule(seed);
  let requests = 0;
  const proxy = await stage.proxy({ plan: schedule, onRequest: () => void (requests += 1) });
  const clock = warpedClock({ speed: SPEED, random: seededRandom(seed) });
  const transport = new Transport({ connection: connectionThrough(proxy), clock });
  const writes = new WriteTracker({ clock });
  const client = new KubeClient({ transport, writes });
  const survived = { count: 0 };
  const world = followWorld({ client, clock, run, spaces, onError: () => void (survived.count += 1) });
  const controller = parentController({ client, parents: world.parents.informer, children: world.children.informer, run, writes, clock, concurrency: 4 });
  const stop = new AbortController();
  const running = runTogether([...world.all.map(({ informer }) => informer), controller], stop);
  const ended = running.catch((error: unknown) => error);
  const writer = new Writer({ client: stage.client, namespaces: spaces, run, random: seededRandom(seed + 1) });
  try {
    await changeFor(faultMs, writer, stage);
    schedule.stop();
    await settled(stage, world, run, ended);
    const objects = world.all.reduce((sum, { informer }) => sum + informer.store.size, 0);
    stop.abort();
    await running;
    await transport.close();
    await within(10_000, 'all connections close', () => proxy.sockets.open === 0, () => `${proxy.sockets.open} are open`);
    return {
      seed, requests, objects, changes: writer.changes, survived: survived.count, struck: proxy.struck,
      contradictions: world.all.flatMap(({ contradictions }) => contradictions), openSockets: proxy.sockets.open,
    };
  } finally {
    stop.abort();
    await ended;
    await transport.close();
    await proxy.close();
  }
}

interface WorldOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly run: string;
  readonly spaces: readonly [string, string];
  readonly onError: () => void;
}

/** Informers of several types, with and without namespaces, selectors and indexes. */
function followWorld({ client, clock, run, spaces: [first, second], onError }: WorldOptions) {
  const common = { client, clock, onError, stallMs: STALL_MS, pageSize: 5 };
  const parents = follow('widgets', { ...common, type: widgets, labelSelector: `run=${run}`, indexes: { color: ({ spec }) => [spec.color ?? ''] } });
  const children = follow('children', { ...common, type: configMaps, labelSelector: `app=child,run=${run}`, indexes: { size: ({ data }) => [data?.['size'] ?? ''] } });
  const light = follow('light notes', { ...common, type: configMaps, namespace: first, labelSelector: 'shade=light' });
  const notes = follow('config maps', { ...common, type: configMaps, namespace: second });
  const hidden = follow('secrets', { ...common, type: secrets, namespace: first, fieldSelector: 'type=Opaque' });
  return { parents, children, all: [parents, children, light, notes, hidden] };
}

async function changeFor(ms: number, writer: Writer, stage: FaultStage): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await writer.step(stage.stop);
    await wait(WRITE_EVERY_MS);
  }
}

async function settled(stage: FaultStage, world: ReturnType<typeof followWorld>, run: string, ended: Promise<unknown>): Promise<void> {
  let wrong: readonly string[] = [];
  await within(SETTLE_MS, 'cache, handlers, children and server agree', async () => {
    const early = await Promise.race([ended, Promise.resolve('runs')]);
    if (early !== 'runs') throw new Error('the controller or an informer ended by itself', { cause: early });
    wrong = await differences(stage, world.all, run);
    return wrong.length === 0;
  }, () => wrong.slice(0, 20).join('\n'));
}

async function differences(stage: FaultStage, all: readonly Followed[], run: string): Promise<readonly string[]> {
  const views = await Promise.all(all.map((each) => each.differences(stage.client, stage.stop)));
  const parents = await Array.fromAsync(stage.client.listAll(widgets, { labelSelector: `run=${run}` }, stage.stop));
  const children = await Array.fromAsync(stage.client.listAll(configMaps, { labelSelector: `app=child,run=${run}` }, stage.stop));
  return [...views.flat(), ...undesired(parents, children, run)];
}

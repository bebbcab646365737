import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../provider-simulator/seeded-random.ts';
import type { FaultStage } from '../fault-stage.ts';
import type { FaultKind } from '../proxy/fault.ts';
import { randomSchedule } from '../proxy/schedule.ts';
import { warpedClock } from '../proxy/warped-clock.ts';
import { World } from './world.ts';
import { Writer } from './writer.ts';

/** Times of the client run so much faster than real ones: a backoff of 30 s takes less than 4 s. */
const SPEED = 8;
/** Of the client's time, milliseconds: real 2.5 s. */
const STALL_MS = 20_000;
/** Small, so that lists have several pages and faults can come between them. */
const PAGE_SIZE = 5;
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
  const world = new World({ stage, proxy, clock, run, spaces, stallMs: STALL_MS, pageSize: PAGE_SIZE });
  const writer = new Writer({ client: stage.client, namespaces: spaces, run, random: seededRandom(seed + 1) });
  try {
    await changeFor(faultMs, writer, stage);
    schedule.stop();
    await world.settled(SETTLE_MS);
    const objects = world.cached;
    await world.close();
    return {
      seed, requests, objects, changes: writer.changes, survived: world.survived, struck: proxy.struck,
      contradictions: world.contradictions, openSockets: proxy.sockets.open,
    };
  } finally {
    await world.close();
    await proxy.close();
  }
}

async function changeFor(ms: number, writer: Writer, stage: FaultStage): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await writer.step(stage.stop);
    await wait(WRITE_EVERY_MS);
  }
}

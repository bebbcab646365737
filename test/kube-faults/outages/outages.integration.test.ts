import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../provider-simulator/seeded-random.ts';
import { World } from '../convergence/world.ts';
import { Writer } from '../convergence/writer.ts';
import { FaultStage } from '../fault-stage.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import { warpedClock } from '../proxy/warped-clock.ts';
import { within } from '../within.ts';
import { Candidate } from './candidate.ts';

/** Of the client's clock: its 30 s are real 7.5 s, so that the longest backoff ends within a test. */
const SPEED = 4;
const SETTLE_MS = 90_000;
/** Per second: about twenty objects whose reconciles fail, five informers, two candidates. A loop without a pause makes thousands. */
const BOUNDED_RATE = 40;
/** An API server takes so long, at least, until it serves. */
const RESTART_SECONDS = 5;
/** Writes through an API server without its store can take their whole minute. */
const WRITE_DEADLINE_MS = 2_000;

interface Outage {
  readonly name: string;
  readonly begin: (stage: FaultStage) => Promise<void>;
  readonly end: (stage: FaultStage) => Promise<void>;
  readonly ms: number;
}

const { signal } = new AbortController();
const outages: readonly Outage[] = [
  { name: 'the API server killed and restarted', ms: 4_000, begin: ({ controlPlane }) => controlPlane.apiServer.kill(), end: ({ controlPlane }) => controlPlane.apiServer.start({ signal }) },
  { name: 'etcd paused for 30 s', ms: 30_000, begin: ({ controlPlane }) => controlPlane.etcd.pause(), end: ({ controlPlane }) => controlPlane.etcd.resume() },
  { name: 'etcd killed for 30 s', ms: 30_000, begin: ({ controlPlane }) => controlPlane.etcd.kill(), end: ({ controlPlane }) => controlPlane.etcd.start({ signal }) },
];

describe('a controller through an outage', () => {
  let stage: FaultStage | undefined;
  let requests = 0;
  const escaped: unknown[] = [];
  const escape = (error: unknown) => void escaped.push(error);
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    process.on('unhandledRejection', escape);
    process.on('uncaughtException', escape);
    stage = await FaultStage.open();
  });

  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  afterAll(async () => {
    process.off('unhandledRejection', escape);
    process.off('uncaughtException', escape);
    await stage?.close();
  });

  async function settledWorld(run: string): Promise<{ world: World; proxy: FaultProxy; writer: Writer }> {
    const spaces = [await stage!.namespace(`${run}-a`), await stage!.namespace(`${run}-b`)] as const;
    requests = 0;
    const proxy = await stage!.proxy({ onRequest: () => void (requests += 1) });
    const world = new World({ stage: stage!, proxy, clock: warpedClock({ speed: SPEED }), run, spaces, stallMs: 40_000, maxDelayMs: 30_000 });
    closing.push(() => world.close());
    const writer = new Writer({ client: stage!.client, namespaces: spaces, run, random: seededRandom(run.length) });
    for (let count = 0; count < 60; count += 1) await writer.step(stage!.stop);
    await world.settled(SETTLE_MS);
    return { world, proxy, writer };
  }

  it.each(outages)('$name: reads go on, retries are bounded, and all converges', async ({ name, begin, end, ms }) => {
    const { world, proxy, writer } = await settledWorld(`outage-${outages.findIndex((outage) => outage.name === name)}`);
    const patient = new Candidate({ proxy, name: 'patient', leaseDurationMs: 400_000, renewDeadlineMs: 360_000, speed: SPEED });
    const strict = new Candidate({ proxy, name: 'strict', leaseDurationMs: 15_000, renewDeadlineMs: 10_000, speed: SPEED });
    closing.push(() => patient.close(), () => strict.close());
    await within(30_000, 'both candidates lead', () => patient.leading && strict.leading);
    expect(world.parents).toBeGreaterThan(0);

    // Work that the outage comes into the midst of.
    await Promise.all(Array.from({ length: 30 }, () => writer.step(stage!.stop)));
    const changes = changeUntilStopped(writer);
    closing.push(async () => void (await changes.stop()));
    const before = requests;
    let least = world.cached;
    let strictDuring = {};
    await begin(stage!);
    try {
      for (let waited = 0; waited < ms; waited += 250) {
        await wait(250);
        least = Math.min(least, world.cached);
      }
      strictDuring = { leading: strict.leading, lost: strict.lost };
    } finally {
      await end(stage!);
    }
    const during = requests - before;

    expect(least).toBeGreaterThan(0);
    expect(await world.endedEarly()).toBeUndefined();
    expect(during).toBeGreaterThan(0);
    expect(during).toBeLessThan(BOUNDED_RATE * (ms / 1_000 + RESTART_SECONDS));
    expect(strictDuring).toEqual({ leading: false, lost: 1 });
    expect(await strict.end()).toBe('LeadershipLostError');
    await wait(2_000);
    expect(await changes.stop()).toBeGreaterThan(0);
    await world.settled(SETTLE_MS);
    expect({ leading: patient.leading, lost: patient.lost }).toEqual({ leading: true, lost: 0 });
    await strict.again();
    await within(60_000, 'the one that lost its lease leads again', () => strict.leading);
    expect(world.contradictions).toEqual([]);
    expect(escaped).toEqual([]);
  }, 300_000);

  /** Writes all the time; what fails during an outage is left. Told to stop, says how many changes were made. */
  function changeUntilStopped(writer: Writer): { stop(): Promise<number> } {
    const stop = new AbortController();
    const running = (async () => {
      while (!stop.signal.aborted) {
        await writer.step({ signal: AbortSignal.any([stop.signal, AbortSignal.timeout(WRITE_DEADLINE_MS)]) }).catch(() => undefined);
        await wait(50);
      }
      return writer.changes;
    })();
    return {
      stop() {
        stop.abort();
        return running;
      },
    };
  }
});

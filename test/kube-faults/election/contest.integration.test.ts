import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../provider-simulator/seeded-random.ts';
import { FaultStage } from '../fault-stage.ts';
import { Candidate } from '../outages/candidate.ts';
import { randomSchedule } from '../proxy/schedule.ts';
import { within } from '../within.ts';

/** Of the candidates' clocks: their lease of 15 s is real 1.9 s. */
const SPEED = 8;
const LOOK_MS = 5;
const FAULT_MS = 12_000;

describe('candidates behind a faulty connection, with wall clocks that jump by years', () => {
  let stage: FaultStage | undefined;

  beforeAll(async () => {
    stage = await FaultStage.open();
  });

  afterAll(async () => {
    await stage?.close();
  });

  it.each([1, 2])('never lead at the same time, and one leads once the faults stop (seed %i)', async (seed) => {
    const schedule = randomSchedule(seed);
    const proxy = await stage!.proxy({ plan: schedule });
    const candidates = ['first', 'second', 'third'].map((name, index) => new Candidate({
      proxy, name, lease: `contest-${seed}`, leaseDurationMs: 15_000, renewDeadlineMs: 10_000, speed: SPEED, random: seededRandom(seed * 10 + index),
    }));
    const standing = candidates.map((candidate) => candidate.keepStanding());
    const led = new Set<Candidate>();
    let most = 0;
    const look = () => {
      const leading = candidates.filter((candidate) => candidate.leading);
      for (const candidate of leading) led.add(candidate);
      most = Math.max(most, leading.length);
    };
    try {
      for (const end = performance.now() + FAULT_MS; performance.now() < end;) {
        await wait(LOOK_MS);
        look();
      }
      schedule.stop();
      await within(60_000, 'one of them leads', () => {
        look();
        return candidates.some((candidate) => candidate.leading);
      });
    } finally {
      await Promise.all(candidates.map((candidate) => candidate.close()));
      await Promise.all(standing);
    }
    expect(most).toBe(1);
    expect(led.size).toBeGreaterThan(0);
    expect(proxy.struck.size).toBeGreaterThan(3);
    expect(candidates.some((candidate) => candidate.leading)).toBe(false);
  }, 180_000);
});

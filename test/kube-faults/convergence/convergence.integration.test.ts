import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultStage } from '../fault-stage.ts';
import { allFaultKinds, type FaultKind } from '../proxy/fault.ts';
import { runSeed, type SeedOutcome } from './run-seed.ts';

/** More through the program: `node test/kube-faults/main.ts FIRST COUNT`. */
const given = process.env['KUBE_FAULTS_SEEDS']?.split(',').map(Number);
const SEEDS = given ?? [1, 2, 3, 4, 5, 6];
const LANES = 2;
/** On a slow machine a run meets fewer requests, so fewer faults: more runs make up for it. */
const MOST_SEEDS = 24;

describe('informers and a controller behind a connection where everything goes wrong', () => {
  let stage: FaultStage | undefined;
  const outcomes: SeedOutcome[] = [];
  const escaped: unknown[] = [];
  const escape = (error: unknown) => void escaped.push(error);

  beforeAll(async () => {
    process.on('unhandledRejection', escape);
    process.on('uncaughtException', escape);
    stage = await FaultStage.open();
  });

  afterAll(async () => {
    process.off('unhandledRejection', escape);
    process.off('uncaughtException', escape);
    await stage?.close();
  });

  it('agree with the API server, object for object, once the faults stop', async () => {
    await runAll([...SEEDS]);
    const more = given === undefined ? Array.from({ length: MOST_SEEDS - SEEDS.length }, (_, index) => Math.max(...SEEDS) + 1 + index) : [];
    for (const seed of more) if (missingKinds().length > 0) await runAll([seed]);
    expect(outcomes.length).toBeGreaterThanOrEqual(SEEDS.length);
    for (const { changes, survived } of outcomes) {
      expect(changes).toBeGreaterThan(0);
      expect(survived).toBeGreaterThan(0);
    }
  }, 900_000);

  it('told their handlers one story without a contradiction', () => {
    expect(outcomes.flatMap(({ contradictions }) => contradictions)).toEqual([]);
  });

  it('left no connection behind, and let no error escape', () => {
    expect(outcomes.map(({ openSockets }) => openSockets)).toEqual(outcomes.map(() => 0));
    expect(escaped).toEqual([]);
  });

  it('met every kind of fault that there is', () => {
    if (given !== undefined) expect(outcomes.every(({ struck }) => struck.size > 0)).toBe(true);
    else expect(missingKinds()).toEqual([]);
  });

  async function runAll(left: number[]): Promise<void> {
    await Promise.all(Array.from({ length: LANES }, async () => {
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) outcomes.push(await runSeed(stage!, { seed, faultMs: 8_000 }));
    }));
  }

  function missingKinds(): readonly FaultKind[] {
    const struck = new Set(outcomes.flatMap((outcome) => [...outcome.struck.keys()]));
    return allFaultKinds.filter((kind) => !struck.has(kind));
  }
});

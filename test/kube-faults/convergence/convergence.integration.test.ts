import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultStage } from '../fault-stage.ts';
import { allFaultKinds, type FaultKind } from '../proxy/fault.ts';
import { runSeed, type SeedOutcome } from './run-seed.ts';

/** More through the program: `node test/kube-faults/main.ts FIRST COUNT`. */
const SEEDS = process.env['KUBE_FAULTS_SEEDS']?.split(',').map(Number) ?? [1, 2, 3, 4, 5, 6];
const LANES = 2;

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
    const left = [...SEEDS];
    await Promise.all(Array.from({ length: LANES }, async () => {
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) outcomes.push(await runSeed(stage!, { seed, faultMs: 8_000 }));
    }));
    expect(outcomes).toHaveLength(SEEDS.length);
    for (const { changes, survived } of outcomes) {
      expect(changes).toBeGreaterThan(20);
      expect(survived).toBeGreaterThan(0);
    }
  }, 600_000);

  it('told their handlers one story without a contradiction', () => {
    expect(outcomes.flatMap(({ contradictions }) => contradictions)).toEqual([]);
  });

  it('left no connection behind, and let no error escape', () => {
    expect(outcomes.map(({ openSockets }) => openSockets)).toEqual(SEEDS.map(() => 0));
    expect(escaped).toEqual([]);
  });

  it('met every kind of fault that there is', () => {
    if (SEEDS.length < 6) return expect(outcomes.every(({ struck }) => struck.size > 0)).toBe(true);
    const struck = new Set(outcomes.flatMap((outcome) => [...outcome.struck.keys()]));
    const missing: FaultKind[] = allFaultKinds.filter((kind) => !struck.has(kind));
    expect(missing).toEqual([]);
  });
});

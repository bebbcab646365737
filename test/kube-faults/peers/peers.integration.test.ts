import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultStage } from '../fault-stage.ts';
import { peers } from './peer-process.ts';
import { runTrial, trials } from './trial.ts';

/** The whole comparison is a program, peers.ts: here only that it runs, with one fault. */
describe('the comparison with other clients', () => {
  let stage: FaultStage | undefined;

  beforeAll(async () => {
    stage = await FaultStage.open();
  });

  afterAll(async () => {
    await stage?.close();
  });

  it('finds that a reset connection costs this package nothing, and the operator of @dot-i its process', async () => {
    const trial = trials.find(({ name }) => name === 'watch: stream-reset')!;
    const results = await Promise.all(peers.map((peer) => runTrial(stage!, peer, trial, { changeMs: 6_000, patienceMs: 40_000 })));
    const [own, , operator] = results;
    expect(results.map(({ strikes }) => strikes > 0)).toEqual([true, true, true]);
    expect(own).toMatchObject({ peer: 'sluice', differences: [], exited: undefined, leaked: 0 });
    expect(operator).toMatchObject({ peer: 'dot-i', exited: 'code 1' });
  }, 120_000);
});

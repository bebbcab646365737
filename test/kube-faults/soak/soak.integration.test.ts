import { describe, expect, it } from 'vitest';
import { judgeSoak, shortBounds } from './judge.ts';
import { runSoak } from './run-soak.ts';

describe('a controller in constant change', () => {
  it('keeps its memory, sockets and timers flat through resets, new lists and a restart of the API server, and converges', async () => {
    const outcome = await runSoak({ ms: 70_000, changesPerSecond: 100, sampleMs: 2_500, resetMs: 11_000, relistMs: 17_000, restartMs: 23_000 });
    expect(judgeSoak(outcome.figures, shortBounds)).toEqual([]);
    expect(outcome).toMatchObject({ converged: 'converged', exitCode: 0 });
    expect(outcome.events).toBeGreaterThan(500);
    expect(Math.min(outcome.resets, outcome.relists, outcome.restarts, outcome.survived)).toBeGreaterThan(0);
  }, 400_000);
});

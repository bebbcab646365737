import { describe, expect, it } from 'vitest';
import { runRequests } from './run-requests.ts';
import { runWaves } from './run-waves.ts';
import { judgeClients, judgeMemory } from './waves.ts';

/** Long enough for what grows with time to be seen. */
const holdSeconds = 10;

describe('the agent server under many clients', { timeout: 600_000 }, () => {
  it('holds a thousand streams at a time, and no more memory when they come again', async () => {
    const waves = await runWaves({ clients: 1_000, waves: 2, holdSeconds, say: () => {}, signal: AbortSignal.timeout(580_000) });
    expect([...judgeMemory(waves), ...judgeClients(waves, 1_000)]).toEqual([]);
  });

  it.each(['file', 'memory'] as const)('answers requests of all kinds beside a provider and tools that fail, with a store in %s that is nearly full, and keeps no connection of them', async (store) => {
    const { answers, watched, writes, twice } = await runRequests({ requests: 2_000, samples: 6, store, mebibytes: 6, say: () => {}, signal: AbortSignal.timeout(580_000) });
    expect(answers.wrong).toEqual([]);
    // On a machine that is so fast that all of it is younger than ten seconds nothing goes.
    expect(watched.highestFill).toBeGreaterThan(0.5);
    expect(watched.highestFill).toBeLessThan(0.95);
    expect([watched.leftBehind, answers.failed, twice]).toEqual([0, 0, []]);
    expect(answers.counts.get('POST /v1/stream 200')).toBeGreaterThan(100);
    expect(answers.counts.get('POST /v1/approvals/{id}/apply 200')).toBeGreaterThan(5);
    expect(answers.counts.get('POST /v1/a2a 200')).toBeGreaterThan(100);
    expect(writes).toBeGreaterThan(30);
    expect(watched.precision.adaptations).toBeGreaterThan(0);
    expect(Math.max(...watched.samples.map(({ files }) => files))).toBeLessThan(400);
  });
});

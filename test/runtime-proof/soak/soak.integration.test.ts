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

  it('answers requests of all kinds beside a provider that fails in every way, and keeps no connection of them', async () => {
    const { samples, answers } = await runRequests({ requests: 2_000, say: () => {}, signal: AbortSignal.timeout(580_000) });
    expect(answers.wrong).toEqual([]);
    expect(answers.counts.get('POST /v1/stream 200')).toBeGreaterThan(100);
    expect(Math.max(...samples.map(({ files }) => files))).toBeLessThan(400);
  });
});

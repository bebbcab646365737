import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../agent-program.ts';
import type { Program } from '../program.ts';
import { runSchemathesis } from './schemathesis.ts';

const stop = new AbortController();
let simulator: RunningSimulator;
let agent: Program;

beforeAll(async () => {
  simulator = await startSimulator();
  agent = await startAgent({ bundle: simulatedBundle(simulator.url), signal: stop.signal });
}, 240_000);

afterAll(async () => {
  stop.abort();
  await agent?.stop();
  await simulator?.close();
}, 60_000);

describe('the OpenAPI document of the agent server', { timeout: 1_500_000 }, () => {
  it('is what the server does, for all requests that schemathesis makes of it', async () => {
    const { code, output } = await runSchemathesis({ document: `${agent.url}/docs/json`, maxExamples: 10, seed: 1, signal: stop.signal });
    expect([code, output.slice(-20_000)]).toEqual([0, expect.stringMatching(/\d+ generated/)]);
  });

  it('still has a server behind it that answers', async () => {
    const response = await fetch(`${agent.url}/v1/invoke`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: { text: 'Hello?' } }), signal: AbortSignal.timeout(60_000) });
    expect(await response.json()).toMatchObject({ status: 'success' });
  });
});

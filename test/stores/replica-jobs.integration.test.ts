import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../runtime-proof/program.ts';
import { ask, openReplicas, question, type Replicas, told } from './replicas.ts';

const stop = new AbortController();
let replicas: Replicas;
beforeAll(async () => {
  replicas = await openReplicas(stop.signal);
}, 600_000);
afterEach(async () => {
  await replicas.stopAll();
});
afterAll(async () => {
  stop.abort();
  await replicas?.close();
}, 60_000);

/** A lapsed lease, the pause before another try and the work take a minute. */
const jobWait = { timeout: 150_000, interval: 500 };

async function takeIn(at: Program, text: string): Promise<string> {
  const taken = await ask(at, { path: '/v1/jobs', body: question(text) });
  expect(taken.status).toBe(202);
  return ((await taken.json()) as { readonly id: string }).id;
}

async function done(at: Program, id: string): Promise<unknown> {
  await expect.poll(async () => ((await told(at, { method: 'GET', path: `/v1/jobs/${id}` })) as { readonly state: string }).state, jobWait).toMatch(/^(succeeded|failed|dead)$/);
  return await told(at, { method: 'GET', path: `/v1/jobs/${id}` });
}

/** Resolves when the refund of the job has reached its receiver, and waits for the answer. */
async function refundBegun(before: number): Promise<void> {
  await expect.poll(() => replicas.refunds().length, jobWait).toBeGreaterThan(before);
}

const madeOne = { state: 'succeeded', result: { status: 'success', evidence: [{ type: 'tool', tool: 'refund' }] } };

describe('jobs over replicas and workers', { timeout: 400_000 }, () => {
  it('are taken in by one replica, done by a worker, and seen and followed at another', async () => {
    const [a, b] = await Promise.all([replicas.start(), replicas.start(), replicas.start({ command: 'worker' })]);
    const id = await takeIn(a, 'Refund order 1001.');
    const followed = await ask(b, { method: 'GET', path: `/v1/jobs/${id}/events` });
    expect(await followed.text()).toMatch(/event: queued[^]*event: started[^]*event: tool_result[^]*event: succeeded/);
    expect(await told(b, { method: 'GET', path: `/v1/jobs/${id}` })).toMatchObject(madeOne);
    expect((await ask(b, { caller: 'eve', method: 'GET', path: `/v1/jobs/${id}` })).status).toBe(404);
  });

  it.each([
    ['is killed', async (worker: Program) => await worker.kill()],
    ['drains', async (worker: Program) => void (await worker.stop())],
  ])('are done by another worker with one effect when a worker %s in the middle of a write', async (_how, end) => {
    const a = await replicas.start();
    const before = replicas.refunds().length;
    const worker = await replicas.start({ command: 'worker', environment: { SLUICE_DRAIN_TIMEOUT: '2s' } });
    const id = await takeIn(a, 'Refund order 1002.');
    await refundBegun(before);
    const other = replicas.start({ command: 'worker' });
    await end(worker);
    await other;
    expect(await done(a, id)).toMatchObject(madeOne);
    const keys = replicas.refunds().slice(before);
    expect(new Set(keys).size).toBe(1);
  });
});

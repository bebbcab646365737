import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Program } from '../runtime-proof/program.ts';
import { ask, openReplicas, question, type Replicas } from './replicas.ts';

/** Longer than a store of a pod itself may be silent until the pod is taken out, which is 60 s. */
const outageMs = 70_000;

const stop = new AbortController();
let replicas: Replicas;
beforeAll(async () => {
  replicas = await openReplicas(stop.signal);
}, 600_000);
afterAll(async () => {
  stop.abort();
  await replicas?.close();
}, 60_000);

async function readyz(at: Program): Promise<readonly [number, unknown]> {
  const response = await ask(at, { method: 'GET', path: '/readyz' });
  return [response.status, await response.json()];
}

it('all replicas stay in while their Postgres is away, answer what needs none, and say so of the rest', { timeout: 300_000 }, async () => {
  const pair = await Promise.all([replicas.start(), replicas.start()]);
  // A first look of a process that starts on a busy machine may take longer than it is given.
  for (const each of pair) await expect.poll(() => readyz(each), { timeout: 60_000 }).toEqual([200, { status: 'ready' }]);
  await replicas.postgres.kill();
  await wait(outageMs);
  for (const each of pair) {
    expect(await readyz(each)).toEqual([200, { status: 'ready', degraded: ['store'] }]);
    expect((await ask(each, { path: '/v1/invoke', body: question('How long is it?') })).status).toBe(200);
    const refused = await ask(each, { path: '/v1/sessions' });
    expect([refused.status, refused.headers.get('content-type'), refused.headers.get('retry-after')]).toEqual([503, 'application/problem+json', '2']);
    expect(await refused.json()).toMatchObject({ type: 'urn:sluice:problem:store-unavailable', status: 503 });
    expect((await ask(each, { path: '/v1/invoke', body: question('How long is it?'), headers: { 'idempotency-key': 'away' } })).status).toBe(503);
    expect(await (await ask(each, { method: 'GET', path: '/metrics' })).text()).toMatch(/^sluice_store_up(\{[^}]*\})? 0$/m);
  }
  await replicas.postgres.restart();
  for (const each of pair) {
    await expect.poll(() => readyz(each), { timeout: 60_000 }).toEqual([200, { status: 'ready' }]);
    expect((await ask(each, { path: '/v1/sessions' })).status).toBe(201);
  }
});

it('a replica that starts meanwhile waits, not ready, and serves once its Postgres is there', { timeout: 300_000 }, async () => {
  await replicas.postgres.kill();
  let isReady = false;
  const starting = replicas.start().then((program) => {
    isReady = true;
    return program;
  });
  await wait(8_000);
  expect(isReady).toBe(false);
  await replicas.postgres.restart();
  const late = await starting;
  await expect.poll(() => readyz(late), { timeout: 60_000 }).toEqual([200, { status: 'ready' }]);
  expect((await ask(late, { path: '/v1/sessions' })).status).toBe(201);
});

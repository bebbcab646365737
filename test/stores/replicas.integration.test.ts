import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../runtime-proof/program.ts';
import { ask, fewRequests, openReplicas, question, type Replicas, told } from './replicas.ts';

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

async function pair(): Promise<readonly [Program, Program]> {
  return await Promise.all([replicas.start(), replicas.start()]);
}

async function newSession(at: Program): Promise<string> {
  const made = await ask(at, { path: '/v1/sessions' });
  expect(made.status).toBe(201);
  return ((await made.json()) as { readonly id: string }).id;
}

/** Text of the events, whole. */
async function events(response: Response): Promise<string> {
  return await response.text();
}

describe('two replicas over one Postgres and one Valkey', { timeout: 300_000 }, () => {
  it('know each other\'s sessions at once, and what was said in them', async () => {
    const [a, b] = await pair();
    for (let round = 0; round < 40; round += 1) {
      const [first, second] = round % 2 === 0 ? [a, b] : [b, a];
      const id = await newSession(first);
      expect(await told(second, { path: '/v1/invoke', body: question(`How long is it, ${round}?`, id) })).toMatchObject({ status: 'success' });
      expect(await told(first, { method: 'GET', path: `/v1/sessions/${id}/messages` })).toMatchObject({ items: [{ role: 'user', content: `How long is it, ${round}?` }, { role: 'assistant' }] });
      expect((await ask(second, { caller: 'eve', method: 'GET', path: `/v1/sessions/${id}` })).status).toBe(404);
      if (round % 4 !== 0) continue;
      expect((await ask(second, { method: 'DELETE', path: `/v1/sessions/${id}` })).status).toBe(204);
      expect((await ask(first, { method: 'GET', path: `/v1/sessions/${id}` })).status).toBe(404);
    }
  });

  it('keep sessions when Valkey is restarted empty, and for a revision that uses no Valkey', async () => {
    const [a, plain] = await Promise.all([replicas.start(), replicas.start({ environment: { SLUICE_REDIS: '', SLUICE_REVISION: 'r2' } })]);
    const id = await newSession(a);
    expect((await ask(plain, { method: 'GET', path: `/v1/sessions/${id}` })).status).toBe(200);
    await replicas.valkey.kill();
    await replicas.valkey.restart();
    await expect.poll(async () => (await ask(a, { method: 'GET', path: `/v1/sessions/${id}` })).status, { timeout: 20_000 }).toBe(200);
  });

  it('answer tries of one request once, and continue a stream of each other after its end', async () => {
    const [a, b] = await pair();
    const headers = { 'idempotency-key': 'k-1' };
    const first = await ask(a, { path: '/v1/invoke', body: question('How do I pay?'), headers });
    const second = await ask(b, { path: '/v1/invoke', body: question('How do I pay?'), headers });
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 200, 'true']);
    expect(await second.text()).toBe(await first.text());
    expect((await ask(b, { path: '/v1/invoke', body: question('What else?'), headers })).status).toBe(422);

    await replicas.simulator.setScript({ latency: { fixedMs: 6_000 } });
    const streamed = { path: '/v1/stream', body: question('How do I return it?'), headers: { 'idempotency-key': 'k-2' } };
    // The response begins when the request has a place, so the key is taken.
    const running = await ask(a, streamed);
    expect((await ask(b, { ...streamed, headers: { ...streamed.headers, 'last-event-id': '1' } })).status).toBe(409);
    const whole = await events(running);
    await replicas.simulator.setScript({});
    const rest = await events(await ask(b, { ...streamed, headers: { ...streamed.headers, 'last-event-id': '1' } }));
    expect(whole).toContain('event: done');
    expect(rest).toBe(whole.slice(whole.indexOf('id: 2\n')));
  });

  it('take the decision on each other\'s approvals, and make the write once', async () => {
    const [a, b] = await pair();
    const before = replicas.refunds().length;
    const asked = (await told(a, { path: '/v1/invoke', body: question('Cancel invoice 4711.') })) as { readonly approval_request_id: string };
    expect(asked).toMatchObject({ approval_required: true });
    const approval = `/v1/approvals/${asked.approval_request_id}`;
    expect(await told(b, { caller: 'boss', path: `${approval}/decision`, body: { decision: 'approved' } })).toMatchObject({ state: 'approved', decided_by: 'boss' });
    const applied = await Promise.all([told(a, { path: `${approval}/apply` }), told(b, { path: `${approval}/apply` })]);
    expect(applied.map((each) => (each as { outcome: string }).outcome)).toContain('made');
    expect(await told(b, { path: `${approval}/apply` })).toMatchObject({ outcome: 'made', approval: { state: 'used' } });
    expect(replicas.refunds().slice(before)).toHaveLength(1);
  });

  it('hold one quota of requests and one budget together', async () => {
    const budgets = { perTenantPerDay: { maxTokens: 2_000 } };
    const [a, b] = await Promise.all([replicas.start({ bundle: { budgets } }), replicas.start({ bundle: { budgets } })]);
    const statuses: number[] = [];
    for (let index = 0; index < fewRequests + 2; index += 1) statuses.push((await ask(index % 2 === 0 ? a : b, { caller: 'few', path: '/v1/sessions' })).status);
    expect(statuses).toEqual([...Array.from({ length: fewRequests }, () => 201), 429, 429]);
    const spent: number[] = [];
    for (let index = 0; index < 60 && spent.at(-1) !== 429; index += 1) spent.push((await ask(a, { caller: 'poor', path: '/v1/invoke', body: question(`How long, ${index}?`) })).status);
    expect(spent.at(-1)).toBe(429);
    expect(spent.length).toBeGreaterThan(1);
    expect((await ask(b, { caller: 'poor', path: '/v1/invoke', body: question('And here?') })).status).toBe(429);
    expect((await ask(b, { caller: 'eve', path: '/v1/invoke', body: question('And me?') })).status).toBe(200);
  });

  it('finish a stream while they drain, and the other one goes on with its session', async () => {
    const [a, b] = await Promise.all([replicas.start({ environment: { SLUICE_DRAIN_TIMEOUT: '12s' } }), replicas.start()]);
    const id = await newSession(a);
    await replicas.simulator.setScript({ latency: { fixedMs: 2_000 } });
    const running = await ask(a, { path: '/v1/stream', body: question('How do I return it?', id) });
    const stopped = a.stop();
    expect(await events(running)).toContain('event: done');
    expect(await stopped).toBe(0);
    await replicas.simulator.setScript({});
    expect(await told(b, { method: 'GET', path: `/v1/sessions/${id}` })).toMatchObject({ messages: 2 });
  });
});

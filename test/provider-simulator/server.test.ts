import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { systemClock, type Clock } from './clock.ts';
import { startSimulator } from './running-simulator.ts';
import { buildSimulator } from './server.ts';

const headers = { 'x-api-key': 'very-secret-key', 'anthropic-version': '2023-06-01' };
const payload = { model: 'sim-large', max_tokens: 50, system: 'Refunds within 30 days.', messages: [{ role: 'user', content: 'refunds?' }] };

let slept: number[];
let app: FastifyInstance;

beforeEach(() => {
  slept = [];
  const clock: Clock = { ...systemClock, sleep: async (milliseconds) => void slept.push(milliseconds) };
  app = buildSimulator({ clock });
});
afterEach(() => app.close());

describe('/__sim', () => {
  it('replaces, shows and resets the script', async () => {
    const put = await app.inject({ method: 'PUT', url: '/__sim/script', payload: { apiKeys: ['very-secret-key'], rules: [{ respond: { status: 529 } }] } });
    expect(put.statusCode).toBe(200);
    expect((await app.inject({ method: 'POST', url: '/v1/messages', headers, payload })).statusCode).toBe(529);
    const shown = await app.inject('/__sim/script');
    expect(shown.json()).toMatchObject({ apiKeys: 1, uses: [1], script: { rules: [{ respond: { status: 529 } }] } });
    expect(shown.body).not.toContain('very-secret-key');
    await app.inject({ method: 'DELETE', url: '/__sim/script' });
    expect((await app.inject({ method: 'POST', url: '/v1/messages', headers, payload })).statusCode).toBe(200);
  });

  it('refuses a bad script, keeps the old one and names the field', async () => {
    const put = await app.inject({ method: 'PUT', url: '/__sim/script', payload: { rules: [{ respond: { status: 99 } }] } });
    expect(put.statusCode).toBe(400);
    expect(put.json<{ error: string }>().error).toContain('rules[0].respond.status = 99');
    expect((await app.inject('/__sim/script')).json()).toMatchObject({ script: { rules: [] } });
  });

  it('records requests without keys', async () => {
    await app.inject({ method: 'POST', url: '/v1/messages', headers, payload });
    const listed = await app.inject('/__sim/requests');
    expect(listed.json()).toMatchObject({ total: 1, requests: [{ path: '/v1/messages', model: 'sim-large', user: 'refunds?', rule: null, outcome: 200 }] });
    expect(listed.body).not.toContain('very-secret-key');
    await app.inject({ method: 'DELETE', url: '/__sim/requests' });
    expect((await app.inject('/__sim/requests')).json()).toEqual({ total: 0, requests: [] });
    expect((await app.inject('/__sim/requests?limit=x')).statusCode).toBe(400);
  });

  it('waits as long as the script says', async () => {
    await app.inject({ method: 'PUT', url: '/__sim/script', payload: { latency: { fixedMs: 70 }, rules: [{ match: { userContains: 'slow' }, respond: { latency: { fixedMs: 900 } } }] } });
    await app.inject({ method: 'POST', url: '/v1/messages', headers, payload });
    await app.inject({ method: 'POST', url: '/v1/messages', headers, payload: { ...payload, messages: [{ role: 'user', content: 'slow refunds?' }] } });
    expect(slept).toEqual([70, 900]);
  });
});

describe('/tools', () => {
  it.each([
    ['GET', '/tools/orders/1042', undefined],
    ['POST', '/tools/orders/1042', {}],
    ['GET', '/tools/orders?order_id=1042', undefined],
    ['POST', '/tools/orders', { order_id: '1042' }],
    ['POST', '/tools/orders', { order_id: 1042 }],
  ] as const)('%s %s %j', async (method, url, body) => {
    const response = await app.inject({ method, url, ...(body ? { payload: body } : {}) });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ order_id: '1042', status: expect.any(String) as string, carrier: expect.any(String) as string });
    expect(slept).toEqual([20]);
  });

  it('refuses what is no order number', async () => {
    expect((await app.inject('/tools/orders/../x')).statusCode).toBe(404);
    expect((await app.inject('/tools/orders/drop-table')).json<{ error: string }>().error).toContain('order_id: give an order number');
  });

  it('has a bad version: slow, and broken for about a third of the orders, always the same', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => String(1000 + index));
    const once = await Promise.all(ids.map(async (id) => (await app.inject(`/tools/orders-v2/${id}`)).statusCode));
    const again = await Promise.all(ids.map(async (id) => (await app.inject(`/tools/orders-v2/${id}`)).statusCode));
    const failed = once.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(75);
    expect(failed).toBeLessThan(125);
    expect(again).toEqual(once);
    expect(Math.min(...slept)).toBeGreaterThanOrEqual(1500);
    expect(Math.max(...slept)).toBeLessThanOrEqual(2500);
  });

  it('takes its parameters from the script', async () => {
    await app.inject({ method: 'PUT', url: '/__sim/script', payload: { tools: { orders: { latency: { fixedMs: 5 }, failShare: 1, failStatus: 503 } } } });
    expect((await app.inject('/tools/orders/1042')).statusCode).toBe(503);
    expect(slept).toEqual([5]);
  });
});

describe('the rest', () => {
  it.each([
    ['/v1/messages/unheard-of', { type: 'error', error: { type: 'not_found_error' } }],
    ['/v1/embeddings', { error: { type: 'invalid_request_error', code: 'model_not_found' } }],
  ])('answers 404 in the shape of the provider: %s', async (url, body) => {
    const response = await app.inject({ method: 'POST', url, payload: {} });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject(body);
  });

  it('answers broken JSON in the shape of the provider', async () => {
    const response = await app.inject({ method: 'POST', url: '/v1/messages', headers: { ...headers, 'content-type': 'application/json' }, payload: '{' });
    expect(response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });
});

describe('close', () => {
  const ask = async (url: string): Promise<Response> =>
    fetch(`${url}/v1/messages`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ ...payload, stream: true }) });

  it('finishes what is in flight and takes no more', async () => {
    const simulator = await startSimulator({ script: { rules: [{ respond: { eventDelayMs: 20 } }] } });
    const response = await ask(simulator.url);
    const [body] = await Promise.all([response.text(), simulator.close()]);
    expect(body).toContain('message_stop');
    await expect(fetch(`${simulator.url}/healthz`)).rejects.toThrow();
  });

  it('ends calls that hang', async () => {
    const arrived = Promise.withResolvers<void>();
    const clock: Clock = { ...systemClock, sleep: async () => arrived.resolve() };
    const simulator = await startSimulator({ clock, script: { rules: [{ respond: { hang: true } }] } });
    const ended = expect(ask(simulator.url)).rejects.toThrow();
    await arrived.promise;
    await simulator.close();
    await ended;
  });
});

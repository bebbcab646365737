import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../platform/random-system.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import { digestOfKey } from '../server/access/api-keys.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { sendJson, startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { jsonFile } from '../testing/runtime-process.ts';
import { startedRuntime, type StartedRuntime } from '../testing/started-runtime.ts';
import { anthropicWire } from '../testing/wire-formats.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const headers = { authorization: 'Bearer key-1', 'content-type': 'application/json', 'x-request-id': 'refund-7', traceparent: `00-${traceId}-b7ad6b7169203331-01` };

const servers: LoopbackServer[] = [];
const processes: StartedRuntime[] = [];
afterEach(async () => {
  for (const runtime of processes.splice(0)) {
    runtime.signal('SIGTERM');
    expect(await runtime.exited).toBe(0);
  }
  for (const server of servers.splice(0)) await server.close();
});

async function loopback(...responders: readonly Respond[]): Promise<LoopbackServer> {
  const server = await startLoopbackServer(...responders);
  servers.push(server);
  return server;
}

interface Scene {
  readonly model: LoopbackServer;
  readonly shop: LoopbackServer;
  readonly environment: Readonly<Record<string, string>>;
  readonly file: string;
}

/** An agent whose model asks for one write and then answers, with callers by key and everything in one file. */
async function scene(): Promise<Scene> {
  const [calls, answers] = [anthropicWire.whole({ tool: { name: 'refund', input: { id: '7' } } }), anthropicWire.whole({ text: 'Done.' })];
  const model = await loopback(calls, answers, calls, answers);
  const shop = await loopback((_exchange, response) => sendJson(response, 200, { refunded: true }));
  const refund = ticketTool({ name: 'refund', effect: 'Write', http: { method: 'POST', url: `${shop.url}/refunds/{id}`, allowedHosts: ['127.0.0.1'] }, write: { roles: ['clerk'] } });
  const base = bundleFixture({ tools: [refund], budgets: { perTenantPerDay: { maxTokens: 10_000 } } });
  const bundle = { ...base, model: { ...base.model, provider: { kind: 'Anthropic', endpoint: model.url } } };
  const access = { keys: [{ id: 'one', sha256: digestOfKey('key-1'), tenant: 'shop', subject: 'ann', roles: ['clerk'] }] };
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-wiring-')), 'state.db');
  return { model, shop, file, environment: { SLUICE_BUNDLE_FILE: jsonFile(bundle), SLUICE_REVISION: 'r7', SLUICE_ACCESS_FILE: jsonFile(access), SLUICE_STORE: `sqlite:${file}` } };
}

async function start({ environment }: Scene): Promise<StartedRuntime> {
  const runtime = await startedRuntime('serve', environment);
  processes.push(runtime);
  return runtime;
}

async function stop(runtime: StartedRuntime): Promise<void> {
  processes.splice(processes.indexOf(runtime), 1);
  runtime.signal('SIGTERM');
  expect(await runtime.exited).toBe(0);
}

function invoke({ url }: StartedRuntime): Promise<Response> {
  return fetch(`${url}/v1/invoke`, { method: 'POST', headers, body: JSON.stringify({ input: { text: 'Refund order 7' } }) });
}

async function inStore<T>({ file }: Scene, look: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ location: { kind: 'sqlite', file }, clock: systemWallClock, timer: systemClock, random: systemRandom });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

function linesOf(runtime: StartedRuntime): readonly Record<string, unknown>[] {
  return runtime.stdout().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('an agent with a store', { timeout: 180_000 }, () => {
  it('says of one request who, which, under which revision and policy: in the response, the logs, the call of the tool and the audit', async () => {
    const set = await scene();
    const runtime = await start(set);
    const response = await invoke(runtime);
    expect(await response.json()).toMatchObject({ status: 'success', request_id: 'refund-7', policy_version: 'support@r7' });
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-request-id': 'refund-7', 'x-trace-id': traceId, 'x-sluice-revision': 'r7', 'x-sluice-policy-version': 'support@r7' });
    expect(set.shop.exchanges).toEqual([expect.objectContaining({ headers: expect.objectContaining({ 'x-request-id': 'refund-7', 'x-sluice-policy-version': 'support@r7', traceparent: expect.stringContaining(traceId), 'idempotency-key': expect.stringMatching(/^refund-7:tool-1:[0-9a-f]{16}$/) }) })]);
    await stop(runtime);
    const lines = linesOf(runtime);
    for (const line of lines) expect(line).toMatchObject({ revision: 'r7', policy_version: 'support@r7' });
    expect(lines.find(({ msg }) => msg === 'request finished')).toMatchObject({ request_id: 'refund-7', trace_id: traceId, tenant_id: 'shop', outcome: 'success' });
    const { items } = await inStore(set, (store) => store.audit.list('shop', { limit: 10, requestId: 'refund-7' }));
    expect(items.map(({ details }) => details['event'])).toEqual(['succeeded', 'started']);
    for (const record of items) expect(record).toMatchObject({ owner: { tenant: 'shop', subject: 'ann' }, requestId: 'refund-7', traceId, policyVersion: 'support@r7', target: 'refund' });
  });

  it('makes a write once for its request, also after a restart, and a day of a budget goes on', async () => {
    const set = await scene();
    const first = await start(set);
    expect((await invoke(first)).status).toBe(200);
    await stop(first);
    const spent = (): Promise<unknown> => inStore(set, (store) => store.database.transaction(async (transaction) => (await transaction.rows('SELECT sum(spent_tokens) AS tokens FROM budget_accounts'))[0]?.['tokens']));
    expect(await spent()).toBe(32);
    expect(await inStore(set, (store) => store.database.transaction((transaction) => transaction.rows("SELECT key FROM idempotency_keys WHERE scope LIKE 'write-done:%' AND expires_at > $1", [transaction.now + 80 * 86_400_000])))).toHaveLength(1);
    const second = await start(set);
    expect(await (await invoke(second)).json()).toMatchObject({ status: 'success' });
    expect(set.model.exchanges).toHaveLength(4);
    expect(set.shop.exchanges).toHaveLength(1);
    await stop(second);
    expect(await spent()).toBe(64);
    const { items } = await inStore(set, (store) => store.audit.list('shop', { limit: 10, requestId: 'refund-7' }));
    expect(items.map(({ details }) => details['event'])).toEqual(['replayed', 'succeeded', 'started']);
  });
});

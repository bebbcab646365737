import { afterEach, describe, expect, it } from 'vitest';
import { createEffectLedger } from '../approvals/effect-ledger.ts';
import { createWriteGate } from '../approvals/write-gate.ts';
import { defaultIdempotencyLimits } from '../idempotency/idempotency-store.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createHarness } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { interfacesBundle } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { createApp } from './app.ts';

const refund = ticketTool({ name: 'refund', effect: 'Write', http: { method: 'POST', url: 'https://tickets.example.com/v1/refunds/{id}', allowedHosts: ['tickets.example.com'] } });
const question = { input: { text: 'Refund 7.' } };
const chat = { model: 'support', messages: [{ role: 'user', content: 'Refund 7.' }] };

const open: { readonly close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** An agent that pays a refund, whose model is then away for once. */
async function refunding() {
  const model = createScriptedModel(toolTurn('refund', { id: '7' }), new ModelError('unavailable'), toolTurn('refund', { id: '7' }), reply('It is paid.'));
  const transport = createFakeTransport({ body: 'paid' });
  const { dependencies, kept } = await createHarness({ model, bundle: bundleFixture({ tools: [refund] }) });
  const { approvals, audit, idempotency } = kept.store;
  const writeGate = createWriteGate({ approvals, audit, ledger: createEffectLedger(idempotency), policyVersion: 'support@r1' });
  const app = await createApp({ ...dependencies, toolbox: createToolbox({ tools: [refund], clock: createFakeClock(), transport, observe: () => {}, writes: 'live', writeGate }) });
  open.push(app);
  const post = (url: string, payload: object, { id, key }: { readonly id: string; readonly key?: string }) => app.inject({ method: 'POST', url, payload, headers: { 'x-request-id': id, ...(key === undefined ? {} : { 'idempotency-key': key }) } });
  return { post, transport, audit };
}

describe('a write of a request with an Idempotency-Key', () => {
  it.each([
    ['/v1/invoke', question, 503],
    ['/v1/stream', question, 200],
    ['/v1/chat/completions', chat, 503],
    ['/v1/chat/completions', { ...chat, stream: true }, 200],
  ])('is made once over the tries of %s, which have ids of their own', async (url, payload, status) => {
    const { post, transport, audit } = await refunding();
    const first = await post(url, payload, { id: 'try-1', key: 'k' });
    expect([first.statusCode, first.body]).toEqual([status, expect.stringContaining('provider-unavailable')]);
    const second = await post(url, payload, { id: 'try-2', key: 'k' });
    expect([second.statusCode, second.headers['x-request-id'], second.body]).toEqual([200, 'try-2', expect.stringContaining('paid.')]);
    expect(transport.requests).toHaveLength(1);
    expect(transport.requests[0]?.headers).toMatchObject({ 'idempotency-key': 'try-1:tool-1', 'x-request-id': 'try-1' });
    const { items } = await audit.list('default', { limit: 10 });
    expect(items.map(({ requestId, details }) => [requestId, details['event']])).toEqual([['try-2', 'replayed'], ['try-1', 'succeeded'], ['try-1', 'started']]);
  });

  it('is another one under another key, and without one', async () => {
    const { post, transport } = await refunding();
    await post('/v1/invoke', question, { id: 'try-1', key: 'k' });
    expect((await post('/v1/invoke', question, { id: 'try-2', key: 'l' })).json()).toMatchObject({ status: 'success' });
    expect(transport.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['try-1:tool-1', 'try-2:tool-1']);
  });
});

it('a message of A2A whose replica died writes under the first try of its messageId', async () => {
  const model = createScriptedModel(toolTurn('refund', { id: '7' }), hang, toolTurn('refund', { id: '7' }), reply('It is paid.'));
  const transport = createFakeTransport({ body: 'paid' });
  const { active, dependencies, kept } = await createHarness({ model, bundle: interfacesBundle({}, { tools: [refund] }) });
  const { approvals, audit, idempotency } = kept.store;
  const writeGate = createWriteGate({ approvals, audit, ledger: createEffectLedger(idempotency), policyVersion: 'support@r1' });
  const toolbox = createToolbox({ tools: [refund], clock: createFakeClock(), transport, observe: () => {}, writes: 'live', writeGate });
  const send = async (id: string) => {
    const app = await createApp({ ...dependencies, metrics: createMetrics({ agent: 'support', revision: 'r1', tools: ['refund'], rules: [], price: undefined }), toolbox });
    open.push(app);
    const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'Refund 7.' }] };
    return await app.inject({ method: 'POST', url: '/v1/a2a', payload: { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } }, headers: { 'a2a-version': '1.0', 'x-request-id': id } });
  };
  const first = send('try-1');
  for (let turn = 0; turn < 1_000 && model.requests.length < 2; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(model.requests).toHaveLength(2);
  // The time of its work is over in the store, without a word from it.
  kept.wallClock.advance(defaultIdempotencyLimits.leaseMs);
  expect((await send('try-2')).json()).toMatchObject({ result: { task: { status: { state: 'TASK_STATE_COMPLETED' } } } });
  expect(transport.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['try-1:tool-1']);
  active.abortAll(new Error('the test ends'));
  expect((await first).statusCode).toBe(200);
});

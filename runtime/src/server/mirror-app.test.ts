import { describe, expect, it } from 'vitest';
import { agentBundle } from '@sluice/crds';
import { anonymous } from '../approvals/caller.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import { createHarness, type HarnessOptions } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';
import { createMirrorApp } from './mirror-app.ts';

const question = { request_id: 'r-1', input: { text: 'Close ticket 7.' } };
const writeTool = ticketTool({ name: 'ticket_close', effect: 'Write', http: { method: 'POST', url: 'https://tickets.example.com/v1/tickets/{id}/close', allowedHosts: ['tickets.example.com'] } });

async function mirrorWith(options: HarnessOptions) {
  const harness = await createHarness(options);
  const send = (payload: object, url = '/v1/invoke', headers: Record<string, string> = {}) => harness.mirror.inject({ method: 'POST', url, payload, headers });
  return { ...harness, send };
}

describe('the server for copies of requests', () => {
  it.each(['/v1/invoke', '/v1/stream'])('does the work of %s and says nothing of it', async (url) => {
    const model = createScriptedModel(reply('The secret answer.'));
    const { send, series } = await mirrorWith({ model });
    const response = await send(question, url);
    expect([response.statusCode, response.body]).toEqual([204, '']);
    expect(model.requests[0]?.messages).toEqual([{ role: 'user', text: 'Close ticket 7.' }]);
    expect(await series('sluice_mirrored_requests_total{outcome="success"}')).toBe(1);
  });

  it('asks the model in the way the original asks: streamed for events, whole for JSON', async () => {
    const asked: string[] = [];
    const model = createScriptedModel(async (_request, { onText }) => {
      asked.push(onText === undefined ? 'whole' : 'streamed');
      return reply('Yes.');
    });
    const { send } = await mirrorWith({ model });
    await send(question);
    await send(question, '/v1/invoke', { accept: 'text/event-stream' });
    await send(question, '/v1/stream');
    expect(asked).toEqual(['whole', 'streamed', 'streamed']);
  });

  it('knows what was said before in the session of its original, and adds nothing to it', async () => {
    const model = createScriptedModel(reply('It is open.'));
    const { app, send, kept, series } = await mirrorWith({ model });
    const made = await app.inject({ method: 'POST', url: '/v1/sessions', payload: {} });
    const { id } = made.json<{ id: string }>();
    const ofSession = { ...question, session_id: id };
    await app.inject({ method: 'POST', url: '/v1/invoke', payload: { session_id: id, input: { text: 'What of ticket 7?' } } });
    const before = await kept.state.sessions.get(id, anonymous);
    for (const url of ['/v1/invoke', '/v1/stream']) expect((await send(ofSession, url)).statusCode).toBe(204);
    const asked = [{ role: 'user', text: 'What of ticket 7?' }, { role: 'assistant', text: 'It is open.', toolCalls: [] }, { role: 'user', text: 'Close ticket 7.' }];
    expect(model.requests.slice(1).map(({ messages }) => messages)).toEqual([asked, asked]);
    expect(before).toMatchObject({ messages: 2 });
    expect(await kept.state.sessions.get(id, anonymous)).toEqual(before);
    expect(await series('sluice_mirrored_requests_total{outcome="success"}')).toBe(2);
  });

  it('is not asked, and no evidence, where the session of its original is in the store of another pod or of another caller', async () => {
    const model = createScriptedModel(reply('Yes.'));
    const { send, kept, series } = await mirrorWith({ model });
    await kept.state.sessions.create({ id: 's-others', owner: { tenant: 'a', subject: 'ann' } });
    for (const session of ['s-elsewhere', 's-others']) {
      const response = await send({ ...question, session_id: session });
      expect([response.statusCode, response.body]).toEqual([404, '']);
    }
    expect(model.requests).toEqual([]);
    expect([await series('sluice_mirrored_requests_total{outcome="rejected"}'), await series('sluice_requests_total{outcome="rejected"}')]).toEqual([2, 0]);
    expect(await series('sluice_mirrored_request_duration_seconds_count')).toBe(0);
  });

  it('sends no writes: the model is told that it was a dry run; reads are made', async () => {
    const transport = createFakeTransport({ body: '{"state":"open"}', headers: { 'content-type': 'application/json' } });
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), toolTurn('ticket_close', { id: '7' }), reply('Closed.'));
    const { send, series } = await mirrorWith({ model, transport, bundle: bundleFixture({ tools: [ticketTool(), writeTool] }) });
    expect((await send(question)).statusCode).toBe(204);
    expect(transport.requests.map(({ method, url }) => [method, url.pathname])).toEqual([['GET', '/v1/tickets/7']]);
    expect(model.requests[2]?.messages.at(-1)).toEqual({ role: 'tools', results: [{ callId: 'call-ticket_close', content: expect.stringContaining('Dry run: the call is valid and was not sent.'), outcome: 'ok' }] });
    expect(await series('sluice_mirrored_tool_calls_total{tool="ticket_close",outcome="success"}')).toBe(1);
    expect(await series('sluice_tool_calls_total{tool="ticket_close",outcome="success"}')).toBe(0);
  });

  it('takes nothing from the budgets of the original and its tenant, also where a topic is asked about', async () => {
    const model = createScriptedModel(async ({ settings }) => reply(settings.maxOutputTokens === 32 ? 'tickets' : 'Yes.'));
    const guardrails = agentBundle.shape.guardrails.unwrap().parse({ input: [{ name: 'about', topic: { allowed: [{ name: 'tickets', description: 'Tickets.' }] } }] });
    const { app, send } = await mirrorWith({ model, bundle: bundleFixture({ guardrails }) });
    await send(question);
    await app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    expect(model.requests.map(({ caller }) => [caller?.requestId, caller?.traffic])).toEqual([['r-1', 'copy'], ['r-1', 'copy'], ['r-1', undefined], ['r-1', undefined]]);
  });

  it('keeps nothing of what writes that were not sent would teach', async () => {
    const model = createScriptedModel(toolTurn('ticket_close', { id: '7' }), reply('Closed.'));
    const { dependencies, kept } = await createHarness({ model, bundle: bundleFixture({ tools: [writeTool], precision: { thresholdPercent: 60 } }) });
    const mirror = await createMirrorApp({ ...dependencies, learnt: { store: kept.store.precision, initial: new Map() } });
    const answered = await mirror.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    expect(answered.statusCode).toBe(204);
    await new Promise(setImmediate);
    expect(await kept.store.precision.history('r-1', 10)).toBeUndefined();
  });

  it('sends the write of the very same request on the port of users', async () => {
    const transport = createFakeTransport({ body: '{}', headers: { 'content-type': 'application/json' } });
    const { app } = await createHarness({ model: createScriptedModel(toolTurn('ticket_close', { id: '7' }), reply('Closed.')), transport, bundle: bundleFixture({ tools: [writeTool] }) });
    expect((await app.inject({ method: 'POST', url: '/v1/invoke', payload: question })).statusCode).toBe(200);
    expect(transport.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  it.each([
    ['a provider that is down', new ModelError('unavailable'), 503, 'error'],
    ['a bug', new Error('a bug with a secret'), 500, 'error'],
  ])('answers %s with the status alone, counted apart from users', async (_, failure, status, outcome) => {
    const { send, series, logs } = await mirrorWith({ model: createScriptedModel(failure) });
    const response = await send(question);
    expect([response.statusCode, response.body]).toEqual([status, '']);
    expect(await series(`sluice_mirrored_requests_total{outcome="${outcome}"}`)).toBe(1);
    expect(await series('sluice_mirrored_requests_provider_unavailable_total')).toBe(status === 503 ? 1 : 0);
    for (const ofUsers of ['sluice_requests_total{outcome="error"}', 'sluice_requests_provider_unavailable_total', 'sluice_request_duration_seconds_count']) expect(await series(ofUsers)).toBe(0);
    expect(logs()).toContainEqual(expect.objectContaining({ msg: 'request finished', traffic: 'mirror', request_id: 'r-1', outcome }));
  });

  it.each([
    ['a body that is not valid', {}, 422],
    ['a text that is too long', { input: { text: 'x'.repeat(2_000) } }, 422],
  ])('refuses %s as the other port does', async (_, payload, status) => {
    const { send, series } = await mirrorWith({ model: createScriptedModel(reply('Yes.')) });
    const response = await send(payload);
    expect([response.statusCode, response.body]).toEqual([status, '']);
    expect([await series('sluice_mirrored_requests_total{outcome="rejected"}'), await series('sluice_requests_total{outcome="rejected"}')]).toEqual([1, 0]);
  });

  it('shares the places of the replica with users, and keeps the time limit', async () => {
    const clock = createFakeClock();
    const base = bundleFixture();
    const { app, send, series } = await mirrorWith({ model: createScriptedModel(hang), clock, bundle: { ...base, limits: { ...base.limits, maxConcurrentRequests: 1, maxQueuedRequests: 0 } } });
    const copy = send(question);
    await expect.poll(() => series('sluice_requests_in_flight')).toBe(1);
    expect((await app.inject({ method: 'POST', url: '/v1/invoke', payload: question })).statusCode).toBe(503);
    clock.advance(10_000);
    expect((await copy).statusCode).toBe(504);
    expect(await series('sluice_mirrored_requests_total{outcome="timeout"}')).toBe(1);
    expect(await series('sluice_mirrored_requests_provider_unavailable_total')).toBe(0);
  });

  it('has the routes of the agent and no others', async () => {
    const { mirror } = await mirrorWith({ model: createScriptedModel(reply('Yes.')) });
    for (const url of ['/metrics', '/healthz', '/docs']) expect((await mirror.inject(url)).statusCode).toBe(404);
  });
});

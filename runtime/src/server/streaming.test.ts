import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock-system.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import { createHarness, type Harness, type HarnessOptions } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';

const question = { request_id: 'r-1', input: { text: 'Ticket 7?' } };

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

function parseEvents(text: string): Event[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
    return fields['event'] === undefined ? [] : [{ id: fields['id'] ?? '', event: fields['event'], data: JSON.parse(fields['data'] ?? 'null') as unknown }];
  });
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(options: HarnessOptions): Promise<Harness & { readonly port: number }> {
  const harness = await createHarness(options);
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => harness.app.close());
  return { ...harness, port: (harness.app.server.address() as AddressInfo).port };
}

function open(port: number, path: string) {
  const sent = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers: { 'content-type': 'application/json' } });
  sent.on('error', () => {});
  sent.end(JSON.stringify(question));
  return sent;
}

describe.each(['/v1/stream', '/v1/invoke'])('events of %s', (url) => {
  const inject = (harness: Harness) => harness.app.inject({ method: 'POST', url, payload: question, headers: { accept: 'text/event-stream' } });

  it('come in order, numbered, and end with the response', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }, { text: 'Looking. ' }), reply('It is open.'));
    const harness = await createHarness({ model, bundle: bundleFixture({ tools: [ticketTool()] }), transport: createFakeTransport({ body: 'secret content' }) });
    const response = await inject(harness);
    expect(response.headers['content-type']).toContain('text/event-stream');
    expect(response.headers['x-request-id']).toBe('r-1');
    const events = parseEvents(response.body);
    expect(events.map(({ event }) => event)).toEqual(['start', 'delta', 'tool_call', 'tool_result', 'delta', 'delta', 'delta', 'done']);
    expect(events.map(({ id }) => Number(id))).toEqual(events.map((_event, index) => index + 1));
    expect(events[0]?.data).toEqual({ request_id: 'r-1', policy_version: 'support@r1' });
    expect(events[1]?.data).toEqual({ turn: 1, text: 'Looking. ' });
    expect(events[3]?.data).toEqual({ tool: 'ticket_read', ref: 'tool-1', ok: true });
    expect(events.at(-1)?.data).toEqual({ request_id: 'r-1', status: 'success', answer: 'It is open.', evidence: [{ type: 'tool', tool: 'ticket_read', ref: 'tool-1' }], policy_version: 'support@r1' });
    expect(response.body).not.toContain('secret content');
  });

  it('end with a problem when the provider fails on the way', async () => {
    const harness = await createHarness({ model: createScriptedModel(new ModelError('overloaded', { status: 529 })) });
    const events = parseEvents((await inject(harness)).body);
    expect(events.map(({ event }) => event)).toEqual(['start', 'error']);
    expect(events[1]?.data).toMatchObject({ type: 'urn:sluice:problem:provider-overloaded', status: 503, request_id: 'r-1' });
    expect(await harness.series('sluice_requests_total{outcome="error"}')).toBe(1);
  });

  it('are an ordinary 503 when there is no place', async () => {
    const base = bundleFixture();
    const harness = await createHarness({ model: createScriptedModel(hang), bundle: { ...base, limits: { ...base.limits, maxConcurrentRequests: 1, maxQueuedRequests: 0 } }, clock: createFakeClock() });
    const hanging = harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    await expect.poll(() => harness.series('sluice_requests_in_flight')).toBe(1);
    const refused = await inject(harness);
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    harness.active.abortAll(new Error('end of the test'));
    expect((await hanging).statusCode).toBe(500);
  });
});

describe('a connection', () => {
  it('is kept alive by comments while the agent thinks', async () => {
    const clock = createFakeClock();
    const base = bundleFixture();
    const harness = await listen({ model: createScriptedModel(hang), clock, bundle: { ...base, limits: { ...base.limits, requestTimeoutMs: 40_000 } } });
    const [response] = (await once(open(harness.port, '/v1/stream'), 'response')) as [IncomingMessage];
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await expect.poll(() => text).toContain('event: start');
    clock.advance(30_000);
    await expect.poll(() => text.split(': keepalive\n\n').length - 1).toBe(2);
    clock.advance(10_000);
    await once(response, 'end');
    expect(parseEvents(text).at(-1)).toMatchObject({ event: 'error', data: { status: 504 } });
    expect(clock.pending()).toBe(0);
  });

  it.each(['/v1/stream', '/v1/invoke'])('that its caller closes stops the call of the model (%s)', async (path) => {
    const model = createScriptedModel(hang);
    const harness = await listen({ model, clock: systemClock });
    const sent = open(harness.port, path);
    await expect.poll(() => model.signals.length).toBe(1);
    sent.destroy();
    await expect.poll(() => model.signals[0]?.aborted).toBe(true);
    await expect.poll(() => harness.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
    await expect.poll(() => harness.series('sluice_requests_in_flight')).toBe(0);
    expect(await harness.series('sluice_request_duration_seconds_count')).toBe(1);
    await expect.poll(() => harness.active.count()).toBe(0);
  });
});

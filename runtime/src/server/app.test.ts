import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import { createHarness } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';

const question = { input: { text: 'How long can I return it?' } };

describe('POST /v1/invoke', () => {
  it('answers in the contract, with the id of the body, the revision and no evidence', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Thirty days.')) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: { request_id: 'req-123', tenant_id: 't-9', user_id: 'u-7', workflow: 'returns', ...question }, headers: { 'x-request-id': 'other' } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ request_id: 'req-123', status: 'success', answer: 'Thirty days.', evidence: [], policy_version: 'support@r1' });
    expect(response.headers['x-request-id']).toBe('req-123');
    expect(response.headers['x-sluice-revision']).toBe('r1');
    expect(await harness.series('sluice_requests_total{outcome="success"}')).toBe(1);
    expect(await harness.series('sluice_request_duration_seconds_count')).toBe(1);
  });

  it('takes the id of the header, and makes one when the header is unusable', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Yes.')) });
    const given = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question, headers: { 'x-request-id': 'from-proxy' } });
    const made = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question, headers: { 'x-request-id': 'with spaces "' } });
    expect(given.json().request_id).toBe('from-proxy');
    expect(made.json().request_id).toMatch(/^id-\d+$/);
  });

  it('names the tool calls that an answer rests on', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('It is open.'));
    const harness = await createHarness({ model, bundle: bundleFixture({ tools: [ticketTool()] }), transport: createFakeTransport({ body: '{"state":"open"}' }) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    expect(response.json()).toMatchObject({ status: 'success', answer: 'It is open.', evidence: [{ type: 'tool', tool: 'ticket_read', ref: 'tool-1' }] });
    expect(await harness.series('sluice_tool_calls_total{tool="ticket_read",outcome="success"}')).toBe(1);
  });

  it('says degraded when the model answered although a tool call failed', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('I could not look it up.'));
    const harness = await createHarness({ model, bundle: bundleFixture({ tools: [ticketTool()] }), transport: createFakeTransport({ status: 500, body: 'stack trace' }) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    expect(response.json()).toMatchObject({ status: 'degraded', evidence: [] });
    expect(await harness.series('sluice_requests_total{outcome="degraded"}')).toBe(1);
    expect(harness.logs()).toContainEqual(expect.objectContaining({ msg: 'tool call failed', tool: 'ticket_read', reason: 'HTTP 500' }));
  });

  it.each([
    { name: 'no input', payload: {}, status: 422, field: 'input' },
    { name: 'an empty text', payload: { input: { text: '' } }, status: 422, field: 'input.text' },
    { name: 'a text that is too long', payload: { input: { text: 'x'.repeat(1_001) } }, status: 422, field: 'input.text' },
    { name: 'a misspelt member', payload: { ...question, tennant_id: 't' }, status: 422, field: 'tennant_id' },
    { name: 'an unusable request id', payload: { ...question, request_id: 'a b' }, status: 422, field: 'request_id' },
    { name: 'no JSON', payload: '{"input":', status: 400, field: 'body' },
    { name: 'another media type', payload: 'hello', type: 'text/plain', status: 415, field: undefined },
    { name: 'a body that is too large', payload: JSON.stringify({ input: { text: 'x'.repeat(100_000) } }), status: 413, field: undefined },
  ])('refuses $name with a problem that names the member', async ({ payload, type, status, field }) => {
    const harness = await createHarness({ model: createScriptedModel(reply('never')) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload, headers: { 'content-type': type ?? 'application/json' } });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, request_id: expect.any(String), title: expect.any(String), detail: expect.any(String) });
    expect(response.json().field).toBe(field);
    expect(await harness.series('sluice_requests_total{outcome="rejected"}')).toBe(1);
    expect(await harness.series('sluice_request_duration_seconds_count')).toBe(0);
  });

  it.each([[128, 404], [129, 422], [4_000, 422]])('answers for an id of %i characters with %i, as it says of itself', async (length, status) => {
    const harness = await createHarness({ model: createScriptedModel(reply('never')) });
    const response = await harness.app.inject(`/v1/sessions/${'x'.repeat(length)}`);
    expect([response.statusCode, response.json().status, response.headers['x-request-id']]).toEqual([status, status, expect.any(String)]);
  });

  it('repeats no more of a name than a person needs, in its answer and in the log', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('never')) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: { ...question, ['eyJ-'.repeat(10_000)]: 1 } });
    expect([response.statusCode, response.json().field]).toEqual([422, 'eyJ-'.repeat(32)]);
    for (const line of harness.logText().split('\n')) expect(line.length).toBeLessThan(1_000);
  });

  it.each([
    ['rate_limited', { status: 429, retryAfterMilliseconds: 1_200 }, 503, '2'],
    ['rate_limited', { status: 429, retryAfterMilliseconds: 86_400_000 }, 503, '300'],
    ['overloaded', { status: 529 }, 503, '5'],
    ['unavailable', {}, 503, '5'],
    ['circuit_open', { retryAfterMilliseconds: 0 }, 503, '1'],
    ['timeout', {}, 504, undefined],
    ['unauthorized', { status: 401 }, 502, undefined],
    ['invalid_request', { status: 404 }, 502, undefined],
    ['invalid_reply', {}, 502, undefined],
  ] as const)('answers in our own words when the provider fails: %s %j gives %i', async (failure, facts, status, retryAfter) => {
    const harness = await createHarness({ model: createScriptedModel(new ModelError(failure, { ...facts, cause: new Error('key sk-1 is over its quota') })) });
    harness.readiness.becomeReady();
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(response.json()).toMatchObject({ type: `urn:sluice:problem:provider-${failure.replaceAll('_', '-')}`, detail: new ModelError(failure, facts).message });
    expect(await harness.series('sluice_requests_total{outcome="error"}')).toBe(1);
    expect(await harness.series('sluice_requests_provider_unavailable_total')).toBe(status === 502 ? 0 : 1);
    expect(response.body + harness.logText()).not.toContain('sk-1');
    // An outage must not take every replica out of the Service at once.
    expect((await harness.app.inject('/readyz')).statusCode).toBe(200);
  });

  it('answers 500 without details for an unknown error, and logs it with the request id', async () => {
    const harness = await createHarness({ model: createScriptedModel(new Error('a bug')) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: { request_id: 'r-5', ...question } });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('a bug');
    expect(harness.logs()).toContainEqual(expect.objectContaining({ level: 'error', request_id: 'r-5', err: expect.objectContaining({ message: 'a bug' }) }));
  });

  it('answers 504 when the time is over and stops the model', async () => {
    const clock = createFakeClock();
    const model = createScriptedModel(hang);
    const harness = await createHarness({ model, clock });
    const pending = harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    await expect.poll(() => model.requests.length).toBe(1);
    clock.advance(10_000);
    const response = await pending;
    expect(response.statusCode).toBe(504);
    expect(model.signals[0]?.aborted).toBe(true);
    expect(await harness.series('sluice_requests_total{outcome="timeout"}')).toBe(1);
  });

  it('answers 503 with retry-after when the queue is full, and serves those who wait', async () => {
    const first = Promise.withResolvers<void>();
    const model = createScriptedModel(async () => {
      await first.promise;
      return reply('done');
    });
    const bundle = bundleFixture();
    const harness = await createHarness({ model, bundle: { ...bundle, limits: { ...bundle.limits, maxConcurrentRequests: 1, maxQueuedRequests: 1 } } });
    const send = () => harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    const running = send();
    await expect.poll(() => harness.series('sluice_requests_in_flight')).toBe(1);
    const waiting = send();
    await expect.poll(() => harness.series('sluice_requests_queued')).toBe(1);
    const refused = await send();
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json().type).toBe('urn:sluice:problem:overloaded');
    first.resolve();
    expect([(await running).statusCode, (await waiting).statusCode]).toEqual([200, 200]);
    expect(await harness.series('sluice_requests_total{outcome="overloaded"}')).toBe(1);
  });

  it('logs one line per request and never what was asked or answered', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('The private answer.')), secrets: ['sk-live-1'] });
    await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: { request_id: 'r-1', tenant_id: 't-9', user_id: 'ada@example.com', input: { text: 'My private question' } } });
    const finished = harness.logs().filter((line) => line['msg'] === 'request finished');
    expect(finished).toEqual([expect.objectContaining({ request_id: 'r-1', tenant_id: 't-9', outcome: 'success', turns: 1, input_tokens: 7, output_tokens: 3 })]);
    expect(harness.logText()).not.toMatch(/private|ada@example\.com|You help customers/);
  });
});

describe('the rest of the server', () => {
  it('tells liveness always and readiness by phase', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('x')) });
    const ready = async (): Promise<unknown> => (await harness.app.inject('/readyz')).json();
    expect(await ready()).toEqual({ status: 'not_ready', reasons: ['starting'] });
    harness.readiness.becomeReady();
    expect(await ready()).toEqual({ status: 'ready' });
    harness.readiness.beginDraining();
    const draining = await harness.app.inject('/readyz');
    expect(draining.statusCode).toBe(503);
    expect(draining.json()).toEqual({ status: 'not_ready', reasons: ['draining'] });
    expect(draining.headers['connection']).toBe('close');
    expect((await harness.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });

  it('still serves while it drains', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Still here.')) });
    harness.readiness.beginDraining();
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question });
    expect(response.statusCode).toBe(200);
    expect(response.headers['connection']).toBe('close');
  });

  it('describes itself in OpenAPI 3.1 and serves a page of it', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('x')) });
    const document = (await harness.app.inject('/docs/json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/healthz', '/metrics', '/readyz', '/v1/approvals', '/v1/approvals/{id}', '/v1/approvals/{id}/apply', '/v1/approvals/{id}/decision', '/v1/chat/completions', '/v1/invoke', '/v1/jobs', '/v1/jobs/{id}', '/v1/jobs/{id}/cancel', '/v1/jobs/{id}/events', '/v1/jobs/{id}/redrive', '/v1/models', '/v1/models/{id}',
      '/v1/sessions', '/v1/sessions/{id}', '/v1/sessions/{id}/messages', '/v1/stream',
    ]);
    expect(Object.keys(document.paths['/v1/invoke'].post.responses)).toEqual(['200', '400', '401', '403', '404', '405', '409', '410', '413', '415', '422', '429', '500', '502', '503', '504']);
    expect(document.paths['/v1/invoke'].post.responses['422'].content).toHaveProperty(['application/problem+json']);
    const page = await harness.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });

  it('sends security headers and a problem for unknown routes', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('x')) });
    const response = await harness.app.inject('/nowhere');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ type: 'urn:sluice:problem:not-found', request_id: 'id-1' });
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    expect(response.headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
  });
});

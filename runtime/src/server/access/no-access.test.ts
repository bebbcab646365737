import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it } from 'vitest';
import { a2aPath, cardPath, mcpPath } from '../../agent-card/well-known.ts';
import { listen, type ListeningHarness } from '../../testing/interfaces-fixture.ts';
import { createScriptedModel, reply } from '../../testing/scripted-model.ts';
import { noAccess } from './no-access.ts';

let harness: ListeningHarness;
afterEach(async () => {
  await harness?.close();
});

const question = JSON.stringify({ input: { text: 'How long?' } });
const json = { 'content-type': 'application/json' };

describe('an agent of which nobody says who may ask it', () => {
  it('answers nobody, whatever they bring and by every protocol, and says what to write', async () => {
    const model = createScriptedModel(reply('Hello.'));
    harness = await listen({ model, access: noAccess });
    const posts = ['/v1/invoke', '/v1/stream', '/v1/chat/completions', '/v1/jobs', '/v1/jobs/a/cancel', '/v1/jobs/a/redrive', '/v1/sessions', '/v1/approvals/a/decision', '/v1/approvals/a/apply', mcpPath, a2aPath];
    const gets = ['/v1/models', '/v1/jobs', '/v1/jobs/a', '/v1/jobs/a/events', '/v1/sessions', '/v1/sessions/a', '/v1/sessions/a/messages', '/v1/approvals', '/v1/approvals/a', '/v1/agents'];
    for (const headers of [json, { ...json, authorization: 'Bearer key-1' }, { ...json, 'x-api-key': 'key-1' }]) {
      const answers = await Promise.all([...posts.map((path) => fetch(harness.url + path, { method: 'POST', headers, body: question })), ...gets.map((path) => fetch(harness.url + path, { headers }))]);
      expect(answers.map(({ status }) => status)).toEqual(Array.from(answers, () => 401));
      for (const answer of answers) {
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(await answer.json()).toMatchObject({ type: 'urn:sluice:problem:access-not-set', status: 401, field: 'spec.access', detail: expect.stringContaining('spec.access.anonymous to Allowed') });
      }
    }
    const client = new Client({ name: 'test', version: '1' });
    await expect(client.connect(new StreamableHTTPClientTransport(new URL(harness.url + mcpPath)))).rejects.toThrow();
    expect((await harness.mirror.inject({ method: 'POST', url: '/v1/invoke', payload: question, headers: json })).statusCode).toBe(401);
    expect(model.requests).toEqual([]);
  });

  it('shows its probes, metrics, description and card to all, and tells what is not there apart from what is closed', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')), access: noAccess });
    harness.readiness.becomeReady();
    const answers = await Promise.all(['/healthz', '/readyz', '/metrics', '/docs', '/docs/json', cardPath, '/v1/nowhere'].map((path) => fetch(harness.url + path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 404]);
    for (const path of ['/v1/invoke', mcpPath]) expect((await fetch(harness.url + path)).status).toBe(405);
  });

  it('counts what it refuses as refused, so that no release is judged by it', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')), access: noAccess });
    await fetch(`${harness.url}/v1/invoke`, { method: 'POST', headers: json, body: question });
    expect(await harness.metrics.registry.metrics()).toMatch(/sluice_requests_total\{[^}]*outcome="rejected"[^}]*\} 1/);
  });
});

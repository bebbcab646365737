import { describe, expect, it } from 'vitest';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { ModelError } from '../providers/model-error.ts';
import { StoreError } from '../store/store-error.ts';

const question = { input: { text: 'How long can I return it?' } };

function ask({ app }: Harness, key: string | undefined, payload: object = question) {
  return app.inject({ method: 'POST', url: '/v1/invoke', payload, headers: key === undefined ? {} : { 'idempotency-key': key } });
}

describe('Idempotency-Key', () => {
  it('gives the stored answer again, to another try of the same request, quoted or not', async () => {
    const model = createScriptedModel(reply('Thirty days.'), reply('Never.'));
    const harness = await createHarness({ model });
    const first = await ask(harness, '"k-1"', { request_id: 'try-1', ...question });
    const second = await ask(harness, 'k-1', { ...question, request_id: 'try-2' });
    expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
    expect(second.body).toBe(first.body);
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    expect(second.headers['x-request-id']).toBe('try-2');
    expect(model.requests).toHaveLength(1);
    expect((await ask(harness, undefined)).json().answer).toBe('Never.');
  });

  it('refuses another request with 422, and a second one in flight with 409', async () => {
    const release = Promise.withResolvers<void>();
    const harness = await createHarness({ model: createScriptedModel(async () => (await release.promise, reply('Yes.'))) });
    const first = ask(harness, 'k');
    await expect.poll(() => harness.active.count()).toBe(1);
    const [same, other] = [await ask(harness, 'k'), await ask(harness, 'k', { input: { text: 'Another?' } })];
    expect(same.statusCode).toBe(409);
    expect(same.headers['retry-after']).toBe('5');
    expect(same.json()).toMatchObject({ type: 'urn:sluice:problem:idempotency-key-in-flight', field: 'Idempotency-Key' });
    expect([other.statusCode, other.json().type]).toEqual([422, 'urn:sluice:problem:idempotency-key-reused']);
    release.resolve();
    expect((await first).statusCode).toBe(200);
  });

  it('refuses what is nested so deep that nobody could walk it, and asks nothing', async () => {
    const model = createScriptedModel(reply('Never.'));
    const harness = await createHarness({ model });
    const payload = `{"model":"m","messages":[{"role":"user","content":"q"}],"metadata":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`;
    const response = await harness.app.inject({ method: 'POST', url: '/v1/chat/completions', payload, headers: { 'idempotency-key': 'k', 'content-type': 'application/json' } });
    expect(response.json()).toMatchObject({ status: 422, field: 'body', error: { type: 'invalid_request_error' } });
    expect(model.requests).toHaveLength(0);
  });

  it('takes a request for events for another one than the same for a whole answer', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Yes.')) });
    const asEvents = (key: string) => harness.app.inject({ method: 'POST', url: '/v1/invoke', payload: question, headers: { accept: 'text/event-stream', 'idempotency-key': key } });
    expect((await ask(harness, 'k-1')).json()).toMatchObject({ answer: 'Yes.' });
    expect((await asEvents('k-1')).statusCode).toBe(422);
    expect((await asEvents('k-2')).body).toContain('event: done');
    expect((await ask(harness, 'k-2')).statusCode).toBe(422);
    expect((await asEvents('k-2')).headers['idempotency-replayed']).toBe('true');
  });

  it('lets a request be tried again that failed', async () => {
    const harness = await createHarness({ model: createScriptedModel(new ModelError('unavailable', {}), reply('Now.')) });
    expect((await ask(harness, 'k')).statusCode).toBe(503);
    expect((await ask(harness, 'k')).json()).toMatchObject({ status: 'success', answer: 'Now.' });
  });

  it.each(['', '"', 'a b', '""', 'x'.repeat(256), '"\u00e9"'])('refuses the key %j', async (key) => {
    const harness = await createHarness({ model: createScriptedModel(reply('never')) });
    const response = await ask(harness, key);
    expect([400, 422]).toContain(response.statusCode);
    expect(response.json().field?.toLowerCase()).toBe('idempotency-key');
  });

  it('answers requests without a key while the store is away, and promises nothing to those with one', async () => {
    const begin = async (): Promise<never> => {
      throw new StoreError('unavailable', 'no route to the database');
    };
    const harness = await createHarness({ model: createScriptedModel(reply('Yes.')), state: { idempotency: { begin } as never, health: () => 'degraded' } });
    harness.readiness.becomeReady();
    expect((await ask(harness, undefined)).statusCode).toBe(200);
    const keyed = await ask(harness, 'k');
    expect([keyed.statusCode, keyed.json().type, keyed.headers['retry-after']]).toEqual([503, 'urn:sluice:problem:store-unavailable', '2']);
    expect(keyed.body).not.toContain('no route');
    const ready = await harness.app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', degraded: ['store'] }]);
  });

  it('gives the answer although the store went away while it was made', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Yes.'), new ModelError('unavailable', {})) });
    const away = async (): Promise<never> => {
      throw new StoreError('unavailable', 'away');
    };
    Object.assign(harness.kept.state.idempotency, { complete: away, release: away });
    expect((await ask(harness, 'k-1')).json()).toMatchObject({ status: 'success', answer: 'Yes.' });
    expect((await ask(harness, 'k-2')).json()).toMatchObject({ status: 503, type: 'urn:sluice:problem:provider-unavailable' });
    expect(harness.logs().filter(({ msg }) => msg === 'what came of a request could not be kept under its key')).toHaveLength(2);
  });

  it('takes the replica out only when the store has been away for long', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Yes.')), state: { health: () => 'down' } });
    harness.readiness.becomeReady();
    const ready = await harness.app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'not_ready', reasons: ['store_unavailable'] }]);
    expect((await harness.app.inject('/healthz')).statusCode).toBe(200);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { WriteInFlight } from '../approvals/write-in-flight.ts';
import { TurnDeferred } from '../jobs/batches/turn-deferred.ts';
import type { Job } from '../jobs/job.ts';
import { createWorker, type Worker, type WorkerEvent } from '../jobs/worker/worker.ts';
import { ModelError } from '../providers/model-error.ts';
import { systemClock } from '../platform/clock-system.ts';
import { createHarness, type Harness, type HarnessOptions } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, hang, reply, toolTurn, type ScriptedModel, type ScriptedTurn } from '../testing/scripted-model.ts';
import { openAccess } from './access/open-access.ts';
import { createJobHandler } from './job-handler.ts';
import { createRouteContext } from './routes/route-context.ts';

const question = { input: { text: 'How long can I return it?' } };
const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.drain(0)));
});

interface Rig extends Harness {
  readonly events: WorkerEvent[];
  readonly job: (id: string) => Promise<Record<string, unknown>>;
}

/** The built server with a worker beside it, as in one process. */
async function createRig(options: HarnessOptions): Promise<Rig> {
  const harness = await createHarness(options);
  const { metrics, logger, state } = harness.dependencies;
  const { ask, access, policyVersion } = createRouteContext(harness.dependencies, metrics);
  const events: WorkerEvent[] = [];
  const worker = createWorker({ store: state.jobs, handler: createJobHandler({ ask, access, logger, policyVersion }), name: 'w', clock: systemClock, concurrency: 2, leaseMs: 30_000, pollMs: 20, observe: (event) => events.push(event) });
  workers.push(worker);
  void worker.run();
  return { ...harness, events, job: async (id) => (await harness.app.inject(`/v1/jobs/${id}`)).json() };
}

function post({ app }: Harness, url: string, payload: object = {}, headers: Readonly<Record<string, string>> = {}) {
  return app.inject({ method: 'POST', url, payload, headers });
}

describe('/v1/jobs', () => {
  it('answers later, tells how it went and can be followed from any event', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('It is open.'));
    const rig = await createRig({ model, bundle: bundleFixture({ tools: [ticketTool()] }), transport: createFakeTransport({ body: '{"state":"open"}' }) });
    const made = await post(rig, '/v1/jobs', { request_id: 'req-1', ...question }, { 'idempotency-key': 'j' });
    const { id } = made.json();
    expect([made.statusCode, made.headers['location'], made.json().state]).toEqual([202, `/v1/jobs/${id}`, 'queued']);
    expect((await post(rig, '/v1/jobs', question, { 'idempotency-key': 'j' })).json().id).toBe(id);
    const all = await rig.app.inject(`/v1/jobs/${id}/events`);
    expect(all.headers['content-type']).toContain('text/event-stream');
    expect(all.body.match(/(?<=^event: ).+$/gm)).toEqual(['queued', 'started', 'start', 'tool_call', 'tool_result', 'succeeded']);
    const rest = await rig.app.inject({ url: `/v1/jobs/${id}/events`, headers: { 'last-event-id': '4' } });
    expect(rest.body).toBe(all.body.slice(all.body.indexOf('id: 5\n')));
    expect(await rig.job(id)).toMatchObject({ state: 'succeeded', attempts: 1, result: { request_id: 'req-1', status: 'success', answer: 'It is open.', policy_version: 'support@r1' } });
    expect((await rig.app.inject('/v1/jobs?state=succeeded')).json().items).toHaveLength(1);
    expect(await rig.series('sluice_requests_total{outcome="success"}')).toBe(1);
    expect(rig.logs()).toContainEqual(expect.objectContaining({ msg: 'request finished', request_id: 'req-1', job_id: id, outcome: 'success' }));
  });

  it('lets nobody follow who cannot read: a HEAD would go on until the job ends', async () => {
    const harness = await createHarness({ model: createScriptedModel(hang) });
    const { id } = (await post(harness, '/v1/jobs', { ...question, delay_seconds: 600_000 })).json();
    const answered = await harness.app.inject({ method: 'HEAD', url: `/v1/jobs/${id}/events` });
    expect([answered.statusCode, answered.headers['allow'], harness.active.count()]).toEqual([405, 'GET', 0]);
  });

  it('refuses to go on after an event that no job has', async () => {
    const harness = await createHarness({ model: createScriptedModel(hang) });
    const { id } = (await post(harness, '/v1/jobs', question)).json();
    const answered = await harness.app.inject({ url: `/v1/jobs/${id}/events`, headers: { 'last-event-id': '3000000000' } });
    expect(answered.json()).toMatchObject({ status: 422, field: 'last-event-id' });
  });

  it('puts a job aside that may wait for a batch, which counts as nothing, and takes it up when its answer is there', async () => {
    const waiting: ScriptedTurn = async ({ caller }) => {
      if (caller?.waitsAs === undefined) throw new Error('this job may not wait');
      throw new TurnDeferred(5);
    };
    const rig = await createRig({ model: createScriptedModel(waiting, reply('By batch.')) });
    const { id } = (await post(rig, '/v1/jobs', { ...question, batch: 'tolerated' })).json();
    await expect.poll(async () => (await rig.job(id))['state']).toBe('succeeded');
    expect(await rig.job(id)).toMatchObject({ attempts: 1, result: { answer: 'By batch.' } });
    expect((await rig.app.inject(`/v1/jobs/${id}/events`)).body.match(/(?<=^event: ).+$/gm)).toEqual(['queued', 'started', 'start', 'waiting', 'started', 'start', 'succeeded']);
    expect([await rig.series('sluice_requests_total{outcome="success"}'), await rig.series('sluice_requests_total{outcome="error"}')]).toEqual([1, 0]);
    expect(rig.events.flatMap((event) => (event.type === 'ended' ? [[event.outcome, event.error]] : []))).toEqual([['waiting', undefined], ['succeeded', undefined]]);
  });

  it.each([
    ['does not say so', {}],
    ['goes on with a session', { batch: 'tolerated' }],
  ])('lets no job wait that %s', async (_name, more) => {
    const rig = await createRig({ model: createScriptedModel(reply('At once.')) });
    const session = 'batch' in more ? { session_id: (await post(rig, '/v1/sessions')).json().id } : {};
    const { id } = (await post(rig, '/v1/jobs', { ...question, ...session, ...more })).json();
    await expect.poll(async () => (await rig.job(id))['state']).toBe('succeeded');
    expect((rig.dependencies.model as ScriptedModel).requests[0]?.caller?.waitsAs).toBeUndefined();
  });

  it('stops a job when its owner asks', async () => {
    const rig = await createRig({ model: createScriptedModel(hang) });
    const { id } = (await post(rig, '/v1/jobs', question)).json();
    await expect.poll(async () => (await rig.job(id))['state']).toBe('running');
    const cancelled = await post(rig, `/v1/jobs/${id}/cancel`);
    expect([cancelled.statusCode, cancelled.json().cancel_requested]).toEqual([202, true]);
    workers[0]?.lookAfter(id);
    await expect.poll(async () => (await rig.job(id))['state']).toBe('cancelled');
    expect(await rig.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
    expect((await post(rig, `/v1/jobs/${id}/redrive`)).json()).toMatchObject({ status: 409, type: 'urn:sluice:problem:job-not-dead' });
  });

  it('tries again what may pass, and not what cannot', async () => {
    const rig = await createRig({ model: createScriptedModel(new ModelError('unavailable', {}), reply('Now.')) });
    const { id } = (await post(rig, '/v1/jobs', { ...question, max_attempts: 1 })).json();
    await expect.poll(async () => (await rig.job(id))['state']).toBe('dead');
    expect((await post(rig, `/v1/jobs/${id}/redrive`)).statusCode).toBe(202);
    await expect.poll(async () => (await rig.job(id))['state']).toBe('succeeded');
    const lost = (await post(rig, '/v1/jobs', { ...question, session_id: 'nobody' })).json();
    await expect.poll(async () => await rig.job(lost.id)).toMatchObject({ state: 'failed', attempts: 1, error: expect.stringContaining('session_id') });
  });

  it('writes under the first try of its key, when it is made again because the answer of that is gone', async () => {
    const { app, dependencies, kept } = await createHarness({ model: createScriptedModel() });
    const send = async (id: string): Promise<string> => (await app.inject({ method: 'POST', url: '/v1/jobs', payload: question, headers: { 'idempotency-key': 'k', 'x-request-id': id } })).json().id;
    await send('try-1');
    await kept.store.database.transaction((transaction) => transaction.rows('UPDATE idempotency_keys SET response = NULL'));
    const second = await send('try-2');
    const claimed = [await kept.store.jobs.claim('w'), await kept.store.jobs.claim('w')].map((lease) => lease?.job);
    const job = claimed.find((each) => each?.id === second);
    const asked: unknown[] = [];
    const handler = createJobHandler({ ask: async (_request, { requestId, writesAs }) => { asked.push(requestId, writesAs); throw new WriteInFlight(1); }, access: openAccess, logger: dependencies.logger, policyVersion: 'support@r1' });
    await handler({ job, signal: new AbortController().signal, emit: async () => {}, effect: async () => ({}) } as never).catch(() => undefined);
    expect(asked).toEqual(['try-2', 'try-1']);
  });

  it('waits until a write that a lost attempt had begun is over, and is not told that it was refused', async () => {
    const { dependencies } = await createHarness({ model: createScriptedModel(reply('never')) });
    const handler = createJobHandler({ ask: () => Promise.reject(new WriteInFlight(40_000)), access: openAccess, logger: dependencies.logger, policyVersion: 'support@r1' });
    const job = { id: 'j', payload: { request: question, principal: { tenant: 'shop', subject: 'ann', roles: [] }, requestId: 'r', traceId: 't' }, attempts: 2 } as unknown as Job;
    const run = { job, signal: new AbortController().signal, emit: async () => {}, effect: () => Promise.reject(new Error('unused')) };
    await expect(handler(run)).rejects.toMatchObject({ name: 'JobFailure', retry: 'later', afterMs: 40_000 });
  });

  it('asks nothing for whoever may not ask any more, and has the roles that are left', async () => {
    const { dependencies } = await createHarness({ model: createScriptedModel(reply('never')) });
    const principal = { tenant: 'shop', subject: 'ann', authority: 'keys', roles: ['clerk', 'approver'] };
    const asked: unknown[] = [];
    const handlerFor = (standing: typeof openAccess.standing) =>
      createJobHandler({ ask: async (_request, { principal: caller }) => { asked.push(caller); throw new WriteInFlight(1); }, access: { standing }, logger: dependencies.logger, policyVersion: 'support@r1' });
    const job = { id: 'j', payload: { request: question, principal, requestId: 'r', traceId: 't' }, attempts: 2 } as unknown as Job;
    const run = { job, signal: new AbortController().signal, emit: async () => {}, effect: () => Promise.reject(new Error('unused')) };
    await expect(handlerFor(() => undefined)(run)).rejects.toMatchObject({ name: 'JobFailure', retry: 'never', message: 'Whoever asked for this job may not ask this agent any more' });
    expect(asked).toEqual([]);
    await expect(handlerFor((caller) => ({ ...caller, roles: ['clerk'] }))(run)).rejects.toMatchObject({ retry: 'later' });
    expect(asked).toEqual([{ ...principal, roles: ['clerk'] }]);
  });

  it.each([
    ['a callback that is not allowed', { ...question, callback_url: 'https://127.0.0.1/x' }, 403, 'callback_url'],
    ['a priority out of range', { ...question, priority: 11 }, 422, 'priority'],
    ['a text that is too long', { input: { text: 'x'.repeat(1_001) } }, 422, 'input.text'],
  ])('refuses %s', async (_name, payload, status, field) => {
    const rig = await createRig({ model: createScriptedModel(reply('never')) });
    expect((await post(rig, '/v1/jobs', payload)).json()).toMatchObject({ status, field });
  });

  it('knows no job of another', async () => {
    const rig = await createRig({ model: createScriptedModel(reply('Yes.')) });
    await rig.kept.store.jobs.enqueue({ id: 'theirs', owner: { tenant: 'rival', subject: 'eve' }, payload: {}, delayMs: 60_000 });
    for (const url of ['/v1/jobs/theirs', '/v1/jobs/theirs/events']) expect((await rig.app.inject(url)).statusCode).toBe(404);
    expect((await post(rig, '/v1/jobs/theirs/cancel')).statusCode).toBe(404);
    expect((await rig.app.inject('/v1/jobs')).json()).toEqual({ items: [] });
  });
});

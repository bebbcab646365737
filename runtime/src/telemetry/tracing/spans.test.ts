import { emptyResource } from '@opentelemetry/resources';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobFailure } from '../../jobs/worker/job-failure.ts';
import type { Job } from '../../jobs/job.ts';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { ModelError } from '../../providers/model-error.ts';
import type { JobPayload } from '../../server/job-handler.ts';
import { createHarness, type Harness } from '../../testing/app-harness.ts';
import { createScriptedModel, reply, type ScriptedTurn } from '../../testing/scripted-model.ts';
import { createStateFixture } from '../../testing/state-fixture.ts';
import { createOtelTracing } from './otel-tracing.ts';
import { readTraceContext, traceHeaders, traceparentOf } from './trace-context.ts';
import { createRedisCache } from '../../store/cache/redis-cache.ts';
import { createRedisRateLimiter, withFallback } from '../../store/rate-limits/redis-rate-limiter.ts';
import { openRedis } from '../../store/redis/redis-connection.ts';
import { traceCallback, traceJobs } from './traced-jobs.ts';
import { traceModel } from './traced-model.ts';
import { traceRedis } from './traced-redis.ts';
import { traceState } from './traced-state.ts';
import { createPassiveTracing, type Tracing } from './tracing.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

interface Rig extends Harness {
  readonly tracing: Tracing;
  readonly spans: () => readonly ReadableSpan[];
  readonly span: (name: string) => ReadableSpan;
}

async function createRig(...script: readonly ScriptedTurn[]): Promise<Rig> {
  const exporter = new InMemorySpanExporter();
  const tracing = createOtelTracing({ resource: emptyResource(), sampler: new AlwaysOnSampler(), processors: [new SimpleSpanProcessor({ exporter })] });
  const clock = createFakeClock();
  const instruments = { tracing, record: () => {}, clock };
  const model = traceModel(createScriptedModel(...script), { provider: { kind: 'Anthropic' }, name: 'model-1', parameters: { maxOutputTokens: 1 } }, instruments);
  const { state } = await createStateFixture(clock);
  const harness = await createHarness({ model, clock, instruments, state: traceState(state, { store: 'sqlite', sessions: 'redis' }, tracing) });
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  return { ...harness, tracing, spans, span: (name) => spans().find((each) => each.name === name) ?? expect.unreachable(`no span ${name} among ${spans().map((each) => each.name).join(', ')}`) };
}

function ask(rig: Rig, url: string, payload: object = {}) {
  return rig.app.inject({ method: 'POST', url, headers: { traceparent }, payload: { input: { text: 'Private?' }, ...payload } });
}

function job(payload: object): Job {
  return { id: 'j-1', owner: { tenant: 't', subject: 's' }, state: 'running', priority: 0, payload, attempts: 2, maxAttempts: 3, cancelRequested: false, createdAt: 0, runAt: 0 };
}

describe('spans', () => {
  it('of a failure say why by a name, and hold no message', async () => {
    const rig = await createRig(new ModelError('overloaded', { status: 529, cause: new Error('Private prompt') }));
    expect((await ask(rig, '/v1/invoke')).statusCode).toBe(503);
    expect(rig.span('chat model-1')).toMatchObject({ attributes: { 'error.type': 'overloaded' }, status: { code: 2 }, events: [] });
    expect(rig.span('invoke_agent support')).toMatchObject({ attributes: { 'error.type': 'overloaded', 'sluice.outcome': 'error' } });
    expect(rig.span('POST /v1/invoke')).toMatchObject({ attributes: { 'error.type': '503', 'http.response.status_code': 503 } });
    expect(JSON.stringify(rig.spans().map(({ name, attributes, status, events }) => ({ name, attributes, status, events })))).not.toMatch(/[Pp]rivate/);
  });

  it('of a stream end with it, and a caller at fault is no failure', async () => {
    const rig = await createRig(reply('Thirty days.'));
    expect((await ask(rig, '/v1/stream')).body).toContain('event: done');
    expect(rig.span('POST /v1/stream').status.code).toBe(0);
    expect((await ask(rig, '/v1/invoke', { extra: 1 })).statusCode).toBe(422);
    expect(rig.span('POST /v1/invoke')).toMatchObject({ attributes: { 'http.response.status_code': 422 }, status: { code: 0 } });
  });

  it('are not told of probes', async () => {
    const rig = await createRig(reply('Yes.'));
    for (const url of ['/healthz', '/readyz', '/metrics', '/nothing']) await rig.app.inject(url);
    expect(rig.spans()).toEqual([]);
  });

  it('of what is kept are parts of the request, and tell where it is kept', async () => {
    const rig = await createRig(reply('Yes.'));
    expect((await ask(rig, '/v1/jobs')).statusCode).toBe(202);
    const request = rig.span('POST /v1/jobs');
    expect(rig.span('enqueue jobs')).toMatchObject({ parentSpanContext: { spanId: request.spanContext().spanId }, attributes: { 'db.system.name': 'sqlite', 'sluice.request_id': request.attributes['sluice.request_id'] } });
    await rig.app.inject({ method: 'GET', url: '/v1/sessions' });
    expect(rig.span('list sessions').attributes['db.system.name']).toBe('redis');
  });

  it('of Redis tell each command by its name, and why it failed though nobody was told', async () => {
    const rig = await createRig(reply('Yes.'));
    const redis = openRedis({ url: 'redis://:hunter2@127.0.0.1:1/0', prefix: 'test' });
    const limiter = withFallback(createRedisRateLimiter(traceRedis(redis, 'rate_limits', rig.tracing)), { take: async () => ({ outcome: 'allowed', remaining: 1, resetMs: 1, retryAfterMs: 0 }) }, () => {});
    const cache = createRedisCache({ redis: traceRedis(redis, 'cache', rig.tracing), maximumValueLength: 10, onError: () => {} });
    const request = rig.tracing.begin({ span: 'request', attributes: {}, requestId: 'r-1', context: readTraceContext({ traceparent }) ?? expect.unreachable('no context'), parent: 'remote' });
    await request.run(async () => {
      expect((await limiter.take('tenant-1', { burst: 1, windowMs: 1 })).outcome).toBe('allowed');
      expect(await cache.get('private question')).toBeUndefined();
    });
    redis.close();
    for (const [name, collection] of [['take rate_limits', 'rate_limits'], ['get cache', 'cache']] as const) {
      expect(rig.span(name)).toMatchObject({ parentSpanContext: { spanId: request.context.spanId }, status: { code: 2 }, attributes: { 'db.system.name': 'redis', 'db.collection.name': collection, 'error.type': 'unavailable', 'sluice.request_id': 'r-1' } });
    }
    expect(JSON.stringify(rig.spans().map(({ name, attributes, status }) => ({ name, attributes, status })))).not.toMatch(/hunter2|private|tenant-1/);
    expect(traceRedis(redis, 'cache', createPassiveTracing())).toBe(redis);
  });

  it('of jobs and their callbacks go on with the trace that made them', async () => {
    const rig = await createRig(reply('Yes.'));
    await ask(rig, '/v1/jobs');
    const lease = await rig.kept.state.jobs.claim('worker');
    const payload = lease?.job.payload as JobPayload;
    expect(payload.traceparent).toBe(`00-${traceId}-${rig.span('POST /v1/jobs').spanContext().spanId}-01`);
    const failing = traceJobs(async () => await Promise.reject(new JobFailure('private', { retry: 'later' })), rig.tracing);
    await expect(failing({ job: job(payload), signal: new AbortController().signal, emit: async () => {}, effect: async (_name, _options, work) => await work('k') })).rejects.toThrow(JobFailure);
    expect(rig.span('process job')).toMatchObject({ parentSpanContext: { traceId, spanId: rig.span('POST /v1/jobs').spanContext().spanId }, attributes: { 'sluice.job_id': 'j-1', 'sluice.attempt': 2, 'error.type': 'JobFailure' } });
    let sent: object = {};
    await traceCallback(rig.tracing, { job: job(payload), url: 'https://x', attempt: 1, fence: 1 }, async () => {
      sent = traceHeaders(rig.tracing.current());
      return { status: 500 };
    });
    const callback = rig.span('send callback');
    expect(sent).toEqual({ traceparent: `00-${traceId}-${callback.spanContext().spanId}-01` });
    expect(callback.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': '500' });
  });

  it('of a request without a context have the trace that its id names, and no parent', async () => {
    const rig = await createRig(reply('Yes.'));
    const response = await rig.app.inject({ method: 'POST', url: '/v1/invoke', headers: { 'x-request-id': 'r-9' }, payload: { request_id: 'r-10', input: { text: 'x' } } });
    const request = rig.span('POST /v1/invoke');
    expect([request.spanContext().traceId, request.parentSpanContext]).toEqual([response.headers['x-trace-id'], undefined]);
    for (const span of rig.spans()) expect(span.attributes['sluice.request_id']).toBe('r-10');
  });
});

describe('the W3C context', () => {
  it.each([
    ['nothing', undefined],
    ['no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['no span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a forbidden version', `ff-${traceId}-b7ad6b7169203331-01`],
    ['more than its version has', `${traceparent}-more`],
    ['upper case', traceparent.toUpperCase()],
  ])('is not read from %s', (_name, header) => {
    expect(readTraceContext({ traceparent: header })).toBeUndefined();
  });

  it('is read as it is written, and later versions are read by what is known of them', () => {
    const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => /[1-9a-f]/.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('sampled' as const, 'not-sampled' as const), (trace, span, sampled) => {
        const context = { traceId: trace, spanId: span, sampled };
        expect(readTraceContext({ traceparent: traceparentOf(context) })).toEqual(context);
        expect(readTraceContext({ traceparent: `cc${traceparentOf(context).slice(2)}-what-comes` })).toEqual(context);
      }),
    );
  });

  it('is handed on as it came where no spans are told', async () => {
    const tracing = createPassiveTracing();
    const context = readTraceContext({ traceparent, tracestate: 'vendor=1' })!;
    const span = tracing.begin({ span: 'request', attributes: {}, requestId: 'r', context, parent: 'remote' });
    await span.run(async () => {
      await tracing.within({ span: 'tool', attributes: {} }, async (inner) => {
        inner.set({ 'gen_ai.tool.name': 'x' });
        expect(traceHeaders(tracing.current())).toEqual({ traceparent, tracestate: 'vendor=1' });
      });
    });
    span.end();
    expect(traceHeaders(tracing.current())).toEqual({});
  });
});

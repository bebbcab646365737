import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { IdempotencyClaim } from '../../idempotency/idempotency-store.ts';
import type { Job } from '../../jobs/job.ts';
import { ownerOf, type Owner } from '../../store/owner.ts';
import { isoTime } from '../../store/sql/timestamp.ts';
import { principalOf } from '../access/add-access.ts';
import { checkInputLength } from '../ask.ts';
import { idempotencyHeaders, problemResponses, type InvokeResponse } from '../contract.ts';
import { answerOnce, inFlight, storedResponse, type RouteAnswer } from '../idempotent.ts';
import type { JobPayload } from '../job-handler.ts';
import { traceparentOf } from '../../telemetry/tracing/trace-context.ts';
import { jobBody, jobQuery, jobRequest, type JobBody, type JobRequest } from '../job-contract.ts';
import { idParameters, pageOf } from '../keeping-contract.ts';
import { Conflict, Forbidden, NotFound, QuotaExceeded } from '../request-problems.ts';
import { checkJobs } from '../switches.ts';
import type { RouteContext } from './route-context.ts';

const tags = ['jobs'];
const retryAfterSeconds = 5;

function toBody({ id, state, attempts, maxAttempts, cancelRequested, createdAt, runAt, finishedAt, result, error }: Job): JobBody {
  return {
    id,
    state,
    attempts,
    max_attempts: maxAttempts,
    cancel_requested: cancelRequested,
    created_at: isoTime(createdAt),
    run_at: isoTime(runAt),
    ...(finishedAt === undefined ? {} : { finished_at: isoTime(finishedAt) }),
    ...(result === undefined || result === null ? {} : { result: result as InvokeResponse }),
    ...(error === undefined ? {} : { error }),
  };
}

function askedBy(request: FastifyRequest): Owner {
  return ownerOf(principalOf(request));
}

function notYours(): NotFound {
  return new NotFound('There is no job of this id that is yours');
}

function checkCallback({ callback_url: url }: JobRequest, { state }: RouteContext): void {
  const refused = url === undefined ? undefined : state.callbackRefusal(new URL(url));
  if (refused !== undefined) throw new Forbidden(`callback_url cannot be used: ${refused}`, 'callback_url');
}

function answerOf(job: Job): RouteAnswer {
  return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: toBody(job) };
}

async function enqueue(context: RouteContext, request: FastifyRequest, { body, claim }: { readonly body: JobRequest; readonly claim: IdempotencyClaim | undefined }): Promise<Job> {
  const { priority, max_attempts: maxAttempts, delay_seconds: delay, callback_url: callbackUrl, batch, ...asked } = body;
  const current = context.tracing?.current();
  const payload: JobPayload = { request: asked, principal: principalOf(request), requestId: request.requestId, writesAs: claim?.firstRequestId, traceId: request.traceId, traceparent: current === undefined ? undefined : traceparentOf(current), batch };
  const queued = await context.state.jobs.enqueue({ id: context.random.id(), owner: askedBy(request), payload, priority, maxAttempts, callbackUrl, delayMs: delay === undefined ? undefined : delay * 1_000, once: claim && { claim, responseOf: (job) => storedResponse(answerOf(job)) } });
  if (queued.outcome === 'queued') return queued.job;
  if (queued.outcome === 'superseded') throw inFlight(0);
  throw new QuotaExceeded(`${queued.limit} jobs wait already, which is all that ${queued.outcome === 'quota' ? 'the tenant' : 'this agent'} may have`, retryAfterSeconds);
}

function createRoute(app: FastifyInstance, context: RouteContext): void {
  const schema = { summary: 'Ask the agent for later', tags, headers: idempotencyHeaders, body: jobRequest, response: { 202: jobBody, ...problemResponses } };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/jobs', { schema }, async (request, reply) => {
    checkJobs(context.access, principalOf(request));
    checkInputLength(request.body, context);
    checkCallback(request.body, context);
    return await answerOnce(context.state.idempotency, request, reply, async (claim) => answerOf(await enqueue(context, request, { body: request.body, claim })));
  });
}

function readRoutes(app: FastifyInstance, { state: { jobs } }: RouteContext): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/v1/jobs', { schema: { summary: 'The jobs of the caller, the newest first', tags, querystring: jobQuery, response: { 200: pageOf(jobBody), ...problemResponses } } }, async (request, reply) => {
    const { items, ...rest } = await jobs.list(askedBy(request), request.query);
    return await reply.send({ items: items.map(toBody), ...rest });
  });
  routes.get('/v1/jobs/:id', { schema: { summary: 'A job', tags, params: idParameters, response: { 200: jobBody, ...problemResponses } } }, async (request, reply) => {
    const job = await jobs.get(request.params.id, askedBy(request));
    if (job === undefined) throw notYours();
    return await reply.send(toBody(job));
  });
}

function changeRoutes(app: FastifyInstance, { state: { jobs } }: RouteContext): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const read = async (request: FastifyRequest, id: string): Promise<JobBody> => {
    const job = await jobs.get(id, askedBy(request));
    if (job === undefined) throw notYours();
    return toBody(job);
  };
  const cancelled = { 202: jobBody.describe('It ends as soon as its worker has stopped.'), ...problemResponses };
  routes.post('/v1/jobs/:id/cancel', { schema: { summary: 'Stop a job', description: 'A job that has ended stays as it is, and is given.', tags, params: idParameters, body: z.strictObject({}).nullish(), response: cancelled } }, async (request, reply) => {
    if ((await jobs.cancel(request.params.id, askedBy(request))) === 'unknown') throw notYours();
    return await reply.code(202).send(await read(request, request.params.id));
  });
  routes.post('/v1/jobs/:id/redrive', { schema: { summary: 'Queue a dead job again', tags, params: idParameters, body: z.strictObject({}).nullish(), response: { 202: jobBody, ...problemResponses } } }, async (request, reply) => {
    const outcome = await jobs.redrive(request.params.id, askedBy(request));
    if (outcome === 'unknown') throw notYours();
    if (outcome === 'not-dead') throw new Conflict('job-not-dead', 'Only a dead job, one that is out of attempts, is queued again');
    return await reply.code(202).send(await read(request, request.params.id));
  });
}

/** Questions that are answered later, by whichever replica has room. */
export function jobRoutes(app: FastifyInstance, context: RouteContext): void {
  createRoute(app, context);
  readRoutes(app, context);
  changeRoutes(app, context);
}

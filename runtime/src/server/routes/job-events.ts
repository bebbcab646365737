import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createFollowedJobs, type FollowedJobs } from '../../jobs/followed-jobs.ts';
import { watchJob } from '../../jobs/watch-job.ts';
import { ownerOf, type Owner } from '../../store/owner.ts';
import { principalOf } from '../access/add-access.ts';
import { openCallerSignal } from '../caller-signal.ts';
import { problemResponses, serverSentEvent } from '../contract.ts';
import { lastEvent } from '../job-contract.ts';
import { idParameters } from '../keeping-contract.ts';
import { CallerLeft, problemBody, problemOf } from '../problem.ts';
import { NotFound } from '../request-problems.ts';
import { createEventStream, openEventStream } from '../server-sent-events.ts';
import type { RouteContext } from './route-context.ts';

const pollMilliseconds = 2_000;

interface Following {
  readonly context: RouteContext;
  readonly followed: FollowedJobs;
}

interface Watch {
  readonly id: string;
  readonly owner: Owner;
  readonly after: number;
}

async function follow({ context, followed }: Following, request: FastifyRequest, reply: FastifyReply, watch: Watch): Promise<FastifyReply> {
  const { clock, state: { jobs, bus } } = context;
  const caller = openCallerSignal(reply, context.active, 'watch');
  const stream = createEventStream({ clock, onTooSlow: () => caller.controller.abort(new CallerLeft('The caller did not read its events')) });
  openEventStream(stream, reply);
  try {
    const onError = (error: unknown): void => request.log.warn({ err: error }, 'changes of a job are looked for, not heard of');
    for await (const { id, type, data } of watchJob({ store: jobs, bus, followed, clock, onError }, watch, caller.controller.signal)) stream.send(type, data ?? {}, id);
  } catch (error) {
    if (!caller.controller.signal.aborted) request.log.warn({ err: error }, 'a job could not be followed any more');
    stream.send('error', problemBody(problemOf(error), request.requestId));
  } finally {
    caller.dispose();
    stream.end();
  }
  return reply;
}

/** The events of a job, from where the caller stopped, until it has ended. */
export function jobEventsRoute(app: FastifyInstance, context: RouteContext): void {
  const schema = {
    summary: 'Follow a job',
    description: 'Server-sent events: those of the agent (start, tool_call, tool_result) and those of the job (queued, started, waiting, retrying, handed_over, succeeded, failed, cancelled, dead). The stream ends with the job; after a broken connection, or `error` of type shutting-down, Last-Event-ID continues it, on any replica.',
    tags: ['jobs'],
    params: idParameters,
    headers: lastEvent,
    response: { 200: { description: 'The events.', content: { 'text/event-stream': { schema: serverSentEvent } } }, ...problemResponses },
  };
  const { clock, state: { jobs } } = context;
  const followed = createFollowedJobs({ store: jobs, clock, pollMs: pollMilliseconds, onError: (error) => app.log.warn({ err: error }, 'jobs that callers follow could not be looked at') });
  // Nobody reads the events of a HEAD: it would be followed until the job ends, long after its connection is gone.
  app.withTypeProvider<ZodTypeProvider>().get('/v1/jobs/:id/events', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const watch: Watch = { id: request.params.id, owner: ownerOf(principalOf(request)), after: Number(request.headers['last-event-id'] ?? 0) };
    if ((await context.state.jobs.get(watch.id, watch.owner)) === undefined) throw new NotFound('There is no job of this id that is yours');
    return await follow({ context, followed }, request, reply, watch);
  });
}

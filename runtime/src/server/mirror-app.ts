import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createBaseApp } from './base-app.ts';
import { openCallerSignal } from './caller-signal.ts';
import { invokeRequest, type InvokeRequest } from './contract.ts';
import { historyIn } from './conversation.ts';
import type { InvocationListener } from './invocation.ts';
import { principalOf } from './access/add-access.ts';
import { checkInputLength } from './ask.ts';
import { wantsEvents } from './routes/invoke.ts';
import { NotFound } from './request-problems.ts';
import { createRouteContext, type RouteContext } from './routes/route-context.ts';
import type { ModelClient, ModelMessage } from '../providers/model-client.ts';
import type { ServerDependencies } from './server-dependencies.ts';

type Answers = 'whole' | 'streamed';

/** The model is asked in the way the original request asks for, so that what is measured is what users would get. */
function listenerFor(answers: Answers): InvocationListener {
  return answers === 'streamed' ? { onText: () => {} } : {};
}

/**
 * What was said before in the session of the original, read and never written. A copy whose session this replica cannot see is turned away, as its original
 * would be here: without what was said before it is another question, and what comes of it says nothing about the agent.
 */
async function saidBefore({ state: { sessions } }: RouteContext, request: FastifyRequest<{ Body: InvokeRequest }>): Promise<readonly ModelMessage[] | undefined> {
  const { session_id: id } = request.body;
  if (id === undefined) return undefined;
  const history = await historyIn(sessions, id, principalOf(request));
  if (history === undefined) throw new NotFound('session_id names no session that this replica can see', 'session_id');
  return history;
}

async function work(context: RouteContext, request: FastifyRequest<{ Body: InvokeRequest }>, reply: FastifyReply, answers: Answers): Promise<FastifyReply> {
  checkInputLength(request.body, context);
  const caller = openCallerSignal(reply, context.active);
  try {
    const history = await saidBefore(context, request);
    await context.invocations.invoke(request.body, { history, requestId: request.requestId, traceId: request.traceId, principal: principalOf(request), signal: caller.controller.signal, listener: listenerFor(answers), log: request.log });
    return reply.code(204).send();
  } finally {
    caller.dispose();
  }
}

/** Costs of copies are the agent's own. */
function askedForCopies(model: ModelClient): ModelClient {
  return { complete: async (request, options) => await model.complete({ ...request, caller: request.caller && { ...request.caller, traffic: 'copy' } }, options) };
}

/**
 * The server for copies of requests, not listening yet: the agent's routes with the agent's limits, counted apart. Whatever comes of a
 * request, the response has a status and no content, so that nothing could reach a user even if a proxy passed it on.
 * `dependencies.toolbox` must send no writes.
 */
export async function createMirrorApp(dependencies: ServerDependencies): Promise<FastifyInstance> {
  const { mirrored } = dependencies.metrics;
  const logger = dependencies.logger.child({ traffic: 'mirror' });
  // A copy takes nothing from what its tenant may have.
  const access = { ...dependencies.access, tenant: () => ({ flags: {} }) };
  const app = await createBaseApp({ ...dependencies, logger, access }, { onRejected: () => mirrored.request('rejected', 0), onLoginRefused: () => {}, traffic: 'mirror' });
  app.addHook('onSend', async () => '');
  // What a copy teaches is of writes that were not sent, under the id of its original: it is not kept.
  const learnt = dependencies.learnt && { initial: dependencies.learnt.initial };
  const context = createRouteContext({ ...dependencies, model: askedForCopies(dependencies.model), learnt }, mirrored);
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post('/v1/invoke', { schema: { body: invokeRequest } }, async (request, reply) => await work(context, request, reply, wantsEvents(request) ? 'streamed' : 'whole'));
  routes.post('/v1/stream', { schema: { body: invokeRequest } }, async (request, reply) => await work(context, request, reply, 'streamed'));
  return app;
}

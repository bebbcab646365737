import type { AgentCard } from '@a2a-js/sdk';
import { A2AError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { JsonRpcTransportHandler } from '@a2a-js/sdk/server';
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InterfacesContext } from '../agent-card/interfaces-context.ts';
import { a2aPath } from '../agent-card/well-known.ts';
import type { Caller } from '../approvals/caller.ts';
import { principalOf } from '../server/access/add-access.ts';
import { createFollowedJobs } from '../jobs/followed-jobs.ts';
import { openCallerSignal } from '../server/caller-signal.ts';
import { CallerLeft, ShuttingDown } from '../server/problem.ts';
import { createTaskExecutor, type TaskExecutor } from './agent-executor.ts';
import { A2aCallContext, type A2aCall } from './call-context.ts';
import { createEventBuses } from './event-buses.ts';
import { createResponseStream } from './event-stream.ts';
import { questionOf, sendRequestOf } from './message-question.ts';
import { OnceRequestHandler } from './once-request-handler.ts';
import { checkVersion } from './protocol-version.ts';
import { checkParams, idOf, rpcOf, withoutReferences, type Rpc } from './rpc.ts';
import { createSentMessages, type SentMessages } from './sent-messages.ts';
import { createSharedTasks } from './shared-tasks.ts';
import { createTasksToStop } from './tasks-to-stop.ts';

type Answer = Awaited<ReturnType<JsonRpcTransportHandler['handle']>>;
type Responses = Extract<Answer, AsyncGenerator>;

const internalError = { code: -32_603, message: 'An error inside the agent server' };
/** A task that its replica ends says so this long after its time at the latest. */
const lostMarginMilliseconds = 5_000;
const invalidRequest = { code: -32_600, message: 'The body must be one JSON-RPC 2.0 request with a method' };

/** What an error that is none of the protocol says is for the log alone. */
function failure(id: Rpc['id'], error: unknown, log: FastifyBaseLogger): object {
  if (error instanceof ShuttingDown) return { jsonrpc: '2.0', id, error: { code: internalError.code, message: 'This replica shuts down and tells no more of the task: subscribe again, another one answers' } };
  if (error instanceof A2AError) return { jsonrpc: '2.0', id, error: JsonRpcTransportHandler.mapToJSONRPCError(error) };
  log.error({ err: error }, 'a call of A2A failed');
  return { jsonrpc: '2.0', id, error: internalError };
}

/** The library answers with the words of any error; those of the protocol say which one they are. */
function withoutInternals(answer: Exclude<Answer, Responses>, log: FastifyBaseLogger): object {
  const { error } = answer as { readonly error?: unknown };
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== internalError.code || 'data' in error) return answer;
  log.error({ reason: 'message' in error ? error.message : undefined }, 'a call of A2A failed');
  return { ...answer, error: internalError };
}

function send(reply: FastifyReply, body: object): FastifyReply {
  return reply.type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
}

const sending: ReadonlySet<string> = new Set(['SendMessage', 'SendStreamingMessage']);
/** Of work that goes on without them; at another replica, perhaps. */
const watching: ReadonlySet<string> = new Set(['CancelTask', 'SubscribeToTask']);
const pollMilliseconds = 2_000;

function checkTask({ params }: Rpc, executor: TaskExecutor, caller: Caller): void {
  const { message } = (params ?? {}) as { readonly message?: { readonly taskId?: unknown } };
  const taskId = message?.taskId;
  if (typeof taskId === 'string' && executor.isRunning(taskId, caller)) throw new UnsupportedOperationError('A task of this agent answers one message: wait for its end, or send this one without taskId');
}

/** What a call asks and meets. Throws A2AError for a message that is not taken, and StoreError. */
async function messageOf(rpc: Rpc, by: { readonly caller: Caller; readonly requestId: string }, { messages, maxInputCharacters }: { readonly messages: SentMessages; readonly maxInputCharacters: number }): Promise<Pick<A2aCall, 'question' | 'sent'>> {
  if (!sending.has(rpc.method)) return { question: undefined, sent: undefined };
  const asked = sendRequestOf(rpc.params);
  return { question: questionOf(asked, maxInputCharacters), sent: await messages.begin(asked, by) };
}

interface Reading {
  readonly messages: SentMessages;
  readonly maxInputCharacters: number;
  readonly over: AbortSignal;
}

async function contextOf(request: FastifyRequest, rpc: Rpc, reading: Reading): Promise<A2aCallContext> {
  const { requestId, traceId, log } = request;
  const principal = principalOf(request);
  const answers = rpc.method === 'SendStreamingMessage' ? 'streamed' : 'whole';
  return new A2aCallContext({ principal, requestId, traceId, log, answers, over: reading.over, ...(await messageOf(rpc, { caller: principal, requestId }, reading)) }, String(request.headers['a2a-version']));
}

function openMessages(app: FastifyInstance, { bundle, state, clock, active }: InterfacesContext): SentMessages {
  const onLost = (error: unknown): void => app.log.warn({ err: error }, 'what came of a message of A2A could not be kept under its id');
  const tools = bundle.tools.some(({ effect }) => effect === 'Write') ? 'writes' : 'reads';
  return createSentMessages({ store: state.idempotency, clock, active, requestTimeoutMs: bundle.limits.requestTimeoutMs, tools, onLost });
}

/** What is there beside the calls. */
interface Tasks {
  readonly executor: TaskExecutor;
  readonly transport: JsonRpcTransportHandler;
  readonly messages: SentMessages;
}

function openTasks(app: FastifyInstance, context: InterfacesContext, card: AgentCard): Tasks {
  const { clock, bundle: { limits }, state: { bus, tasks: records } } = context;
  const warn = (words: string) => (error: unknown): void => app.log.warn({ err: error }, words);
  const onDeaf = warn('changes of tasks of A2A are looked for, not heard of');
  const onError = warn('tasks of A2A could not be looked for');
  const executor = createTaskExecutor(context);
  const messages = openMessages(app, context);
  const followed = createFollowedJobs({ store: { newestEvents: records.changes }, clock, pollMs: pollMilliseconds, onError });
  const shared = createSharedTasks({ records, bus, followed, clock, runsMs: limits.requestTimeoutMs + lostMarginMilliseconds, onLost: warn('a task of A2A could not be kept for other replicas'), onDeaf });
  const toStop = createTasksToStop({ records, bus, clock, pollMs: pollMilliseconds, running: executor.running, stop: executor.stop, onError, onDeaf });
  // Tasks whose callers have left are finished before the process ends, within the time of the drain; until then they can be cancelled.
  app.addHook('onClose', async () => {
    await executor.idle();
    await toStop.close();
  });
  return { executor, messages, transport: new JsonRpcTransportHandler(new OnceRequestHandler({ card, clock, executor, buses: createEventBuses(), messages, shared, toStop })) };
}

/** The library keeps the task by the events that are read here, so they are read to the end also when the client has left. */
async function sendAll(reply: FastifyReply, responses: Responses, { id, log }: { readonly id: Rpc['id']; readonly log: FastifyBaseLogger }, { clock }: InterfacesContext): Promise<FastifyReply> {
  // An error before the first event is an ordinary answer.
  const first = await responses.next();
  const stream = createResponseStream(clock);
  reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' });
  void reply.send(stream.readable);
  try {
    if (first.done !== true) stream.send(first.value);
    for await (const response of responses) stream.send(response);
  } catch (error) {
    if (!(error instanceof CallerLeft)) stream.send(failure(id, error, log));
  } finally {
    stream.end();
  }
  return reply;
}

/** Bodies that are no JSON are answered as the protocol has it; all else, such as missing credentials, as on other routes. */
function addParseErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error.statusCode !== 400 || !error.code?.startsWith('FST_ERR_CTP_')) throw error;
    return send(reply.code(400), { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'The body is not valid JSON, or not sent whole' } });
  });
}

/** The agent as a server of A2A 1.0 over JSON-RPC: messages, streams, tasks. Other versions are told so. */
export async function a2aRoute(app: FastifyInstance, context: InterfacesContext, card: AgentCard): Promise<void> {
  await app.register(async (scope) => {
    addParseErrors(scope);
    const { executor, messages, transport } = openTasks(scope, context, card);
    scope.post(a2aPath, { schema: { hide: true } }, async (request, reply) => {
      const { body, log } = request;
      const id = idOf(body);
      try {
        checkVersion(request.headers['a2a-version']?.toString());
        const rpc = rpcOf(body);
        if (rpc === undefined) return send(reply, { jsonrpc: '2.0', id, error: invalidRequest });
        checkParams(rpc);
        if (sending.has(rpc.method)) checkTask(rpc, executor, principalOf(request));
        const watch = watching.has(rpc.method) ? openCallerSignal(reply, context.active, 'watch') : undefined;
        const call = await contextOf(request, rpc, { messages, maxInputCharacters: context.maxInputCharacters, over: watch?.controller.signal ?? new AbortController().signal });
        try {
          const answer = await transport.handle(withoutReferences(rpc), call);
          const storeError = call.storeError();
          if (storeError !== undefined) throw storeError;
          return Symbol.asyncIterator in answer ? await sendAll(reply, answer, { id, log }, context) : send(reply, withoutInternals(answer, log));
        } finally {
          watch?.dispose();
          await messages.over(call.call.sent);
        }
      } catch (error) {
        // Missing credentials and faults of the server are told by their HTTP status, as on other routes.
        if (!(error instanceof A2AError)) throw error;
        return send(reply, failure(id, error, log));
      }
    });
  });
}

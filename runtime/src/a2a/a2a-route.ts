import type { AgentCard } from '@a2a-js/sdk';
import { A2AError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { JsonRpcTransportHandler } from '@a2a-js/sdk/server';
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InterfacesContext } from '../agent-card/interfaces-context.ts';
import { a2aPath } from '../agent-card/well-known.ts';
import type { Caller } from '../approvals/caller.ts';
import { principalOf } from '../server/access/add-access.ts';
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

type Answer = Awaited<ReturnType<JsonRpcTransportHandler['handle']>>;
type Responses = Extract<Answer, AsyncGenerator>;

const internalError = { code: -32_603, message: 'An error inside the agent server' };
/** A task that its replica ends says so this long after its time at the latest. */
const lostMarginMilliseconds = 5_000;
const invalidRequest = { code: -32_600, message: 'The body must be one JSON-RPC 2.0 request with a method' };

/** What an error that is none of the protocol says is for the log alone. */
function failure(id: Rpc['id'], error: unknown, log: FastifyBaseLogger): object {
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

async function contextOf(request: FastifyRequest, rpc: Rpc, reading: { readonly messages: SentMessages; readonly maxInputCharacters: number }): Promise<A2aCallContext> {
  const { requestId, traceId, log } = request;
  const principal = principalOf(request);
  const answers = rpc.method === 'SendStreamingMessage' ? 'streamed' : 'whole';
  return new A2aCallContext({ principal, requestId, traceId, log, answers, ...(await messageOf(rpc, { caller: principal, requestId }, reading)) }, String(request.headers['a2a-version']));
}

function openMessages(app: FastifyInstance, { bundle, state, clock, active }: InterfacesContext): SentMessages {
  const onLost = (error: unknown): void => app.log.warn({ err: error }, 'what came of a message of A2A could not be kept under its id');
  const tools = bundle.tools.some(({ effect }) => effect === 'Write') ? 'writes' : 'reads';
  return createSentMessages({ store: state.idempotency, clock, active, requestTimeoutMs: bundle.limits.requestTimeoutMs, tools, onLost });
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
    stream.send(failure(id, error, log));
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
  const executor = createTaskExecutor(context);
  const messages = openMessages(app, context);
  const onLost = (error: unknown): void => app.log.warn({ err: error }, 'a task of A2A could not be kept for other replicas');
  const shared = createSharedTasks({ records: context.state.tasks, runsMs: context.bundle.limits.requestTimeoutMs + lostMarginMilliseconds, onLost });
  const transport = new JsonRpcTransportHandler(new OnceRequestHandler({ card, clock: context.clock, executor, buses: createEventBuses(), messages, shared }));
  const reading = { messages, maxInputCharacters: context.maxInputCharacters };
  await app.register(async (scope) => {
    addParseErrors(scope);
    // Tasks whose callers have left are finished before the process ends, within the time of the drain.
    scope.addHook('onClose', executor.idle);
    scope.post(a2aPath, { schema: { hide: true } }, async (request, reply) => {
      const { body, log } = request;
      const id = idOf(body);
      try {
        checkVersion(request.headers['a2a-version']?.toString());
        const rpc = rpcOf(body);
        if (rpc === undefined) return send(reply, { jsonrpc: '2.0', id, error: invalidRequest });
        checkParams(rpc);
        if (sending.has(rpc.method)) checkTask(rpc, executor, principalOf(request));
        const call = await contextOf(request, rpc, reading);
        try {
          const answer = await transport.handle(withoutReferences(rpc), call);
          return Symbol.asyncIterator in answer ? await sendAll(reply, answer, { id, log }, context) : send(reply, withoutInternals(answer, log));
        } finally {
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

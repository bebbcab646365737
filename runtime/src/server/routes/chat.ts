import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { TokenUsage } from '../../providers/model-client.ts';
import { addUsage } from '../../providers/token-usage.ts';
import { principalOf } from '../access/add-access.ts';
import { openCallerSignal } from '../caller-signal.ts';
import { chatProblem, chatRequest, chatResponse, type ChatRequest, type ChatResponse } from '../chat-contract.ts';
import { readChat, toChatUsage } from '../chat-messages.ts';
import { notApplied, notAppliedHeader, wishesOf } from '../chat-wishes.ts';
import { idempotencyHeaders, problemsAs, serverSentEvent, type InvokeResponse } from '../contract.ts';
import { answerOnce } from '../idempotent.ts';
import { untilStop } from '../stop-sequences.ts';
import { chatProblems, finishReason, refusalOf, type ChatCall } from './chat-call.ts';
import type { RouteContext } from './route-context.ts';
import { streamChat } from './stream-chat.ts';

function openCall(context: RouteContext, request: FastifyRequest, body: ChatRequest): ChatCall {
  const wishes = wishesOf(body);
  const { text, history } = readChat(body, wishes, context.maxInputCharacters);
  const user = body.user ?? body.safety_identifier;
  let spent: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  const onUsage = (usage: TokenUsage): void => {
    spent = addUsage(spent, usage);
  };
  return {
    id: `chatcmpl-${request.requestId}`,
    created: Math.floor(context.wallClock.now() / 1_000),
    usage: () => spent,
    stop: [body.stop ?? []].flat(),
    form: wishes.format === undefined ? 'text' : 'json',
    asked: { input: { text }, ...(user ? { user_id: user } : {}) },
    options: (listener, signal, writesAs) => ({ requestId: request.requestId, traceId: request.traceId, writesAs, principal: principalOf(request), history, historyOf: 'client' as const, wishes, signal, listener: { ...listener, onUsage }, log: request.log }),
  };
}

/** Clients of OpenAI repeat by themselves what failed, as a new request where no key says that it is the same: what may have written is not to be repeated so. */
async function askOnce(context: RouteContext, reply: FastifyReply, { call, signal, writesAs }: { readonly call: ChatCall; readonly signal: AbortSignal; readonly writesAs: string | undefined }): Promise<InvokeResponse> {
  let written: 'no' | 'maybe' = 'no';
  const onToolCall = (): void => {
    if (context.writes === 'some' && writesAs === undefined) written = 'maybe';
  };
  try {
    return await context.ask(call.asked, call.options({ onToolCall }, signal, writesAs));
  } catch (error) {
    if ((written as 'no' | 'maybe') === 'maybe') reply.header('x-should-retry', 'false');
    throw error;
  }
}

async function complete(context: RouteContext, reply: FastifyReply, { call, writesAs }: { readonly call: ChatCall; readonly writesAs: string | undefined }): Promise<ChatResponse> {
  const caller = openCallerSignal(reply, context.active);
  try {
    const answered = await askOnce(context, reply, { call, signal: caller.controller.signal, writesAs });
    const { answer, ...rest } = answered;
    const refusal = refusalOf(call, answered);
    const content = refusal === null ? untilStop(answer, call.stop) : null;
    const message = { role: 'assistant' as const, content, refusal };
    const choices = [{ index: 0 as const, message, logprobs: null, finish_reason: finishReason(answered, content === null || content === answer ? 'whole' : 'stopped') }];
    return { id: call.id, object: 'chat.completion', created: call.created, model: context.agent, system_fingerprint: context.policyVersion, choices, usage: toChatUsage(call.usage()), sluice: rest };
  } finally {
    caller.dispose();
  }
}

const problems = problemsAs(chatProblem);

/** The agent for clients that were written for OpenAI. */
export function chatRoutes(app: FastifyInstance, context: RouteContext): void {
  const tags = ['agent'];
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const schema = {
    summary: 'Ask the agent as clients of OpenAI do',
    description: 'The prompt, the tools and the settings of the model are those of the agent; x-sluice-not-applied names the members of the request that are not followed for that, `model` among them where it is not the name of the agent. With `stream` the answer comes as chat.completion.chunk events. Errors are problem details with the member `error` that such clients read.',
    tags,
    headers: idempotencyHeaders,
    body: chatRequest,
    response: { 200: { description: 'The answer.', content: { 'application/json': { schema: chatResponse }, 'text/event-stream': { schema: serverSentEvent } } }, ...problems },
  };
  routes.post('/v1/chat/completions', { schema, config: chatProblems }, async (request, reply) => {
    const call = openCall(context, request, request.body);
    const untaken = notApplied(request.body, context.agent);
    if (untaken.length > 0) reply.header(notAppliedHeader, untaken.join(', '));
    if (request.body.stream === true) return await streamChat(context, request, reply, { call, usage: request.body.stream_options?.include_usage === true ? 'told' : 'kept' });
    return await answerOnce(context.state.idempotency, request, reply, async (claim) => ({ status: 200, body: await complete(context, reply, { call, writesAs: claim?.firstRequestId }) }));
  });
}

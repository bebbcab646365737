import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { TokenUsage } from '../../providers/model-client.ts';
import { addUsage } from '../../providers/token-usage.ts';
import { principalOf } from '../access/add-access.ts';
import { openCallerSignal } from '../caller-signal.ts';
import { chatProblem, chatRequest, chatResponse, modelList, type ChatRequest, type ChatResponse } from '../chat-contract.ts';
import { readChat, toChatUsage, type ChatQuestion } from '../chat-messages.ts';
import { idempotencyHeaders, problemsAs, serverSentEvent } from '../contract.ts';
import { answerOnce } from '../idempotent.ts';
import { chatProblems, finishReason, type ChatCall } from './chat-call.ts';
import type { RouteContext } from './route-context.ts';
import { streamChat } from './stream-chat.ts';

function openCall(context: RouteContext, request: FastifyRequest, body: ChatRequest, { text, history }: ChatQuestion): ChatCall {
  let spent: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  const onUsage = (usage: TokenUsage): void => {
    spent = addUsage(spent, usage);
  };
  return {
    id: `chatcmpl-${request.requestId}`,
    created: Math.floor(context.wallClock.now() / 1_000),
    usage: () => spent,
    asked: { input: { text }, ...(body.user ? { user_id: body.user } : {}) },
    options: (listener, signal) => ({ requestId: request.requestId, traceId: request.traceId, principal: principalOf(request), history, historyOf: 'client' as const, signal, listener: { ...listener, onUsage }, log: request.log }),
  };
}

async function complete(context: RouteContext, reply: FastifyReply, call: ChatCall): Promise<ChatResponse> {
  const caller = openCallerSignal(reply, context.active);
  try {
    const { answer, ...rest } = await context.ask(call.asked, call.options({}, caller.controller.signal));
    const message = { role: 'assistant' as const, content: answer, refusal: null };
    const choices = [{ index: 0 as const, message, logprobs: null, finish_reason: finishReason({ answer, ...rest }) }];
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
    description: 'The prompt, the tools and the settings of the model are those of the agent. With `stream` the answer comes as chat.completion.chunk events. Errors are problem details with the member `error` that such clients read.',
    tags,
    headers: idempotencyHeaders,
    body: chatRequest,
    response: { 200: { description: 'The answer.', content: { 'application/json': { schema: chatResponse }, 'text/event-stream': { schema: serverSentEvent } } }, ...problems },
  };
  routes.post('/v1/chat/completions', { schema, config: chatProblems }, async (request, reply) => {
    const question = readChat(request.body, context.maxInputCharacters);
    const call = openCall(context, request, request.body, question);
    if (request.body.stream === true) return await streamChat(context, request, reply, { call, usage: request.body.stream_options?.include_usage === true ? 'told' : 'kept' });
    return await answerOnce(context.state.idempotency, request, reply, async () => ({ status: 200, body: await complete(context, reply, call) }));
  });
  routes.get('/v1/models', { schema: { summary: 'The agent, as clients of OpenAI list models', tags, response: { 200: modelList, ...problems } }, config: chatProblems }, async () => ({ object: 'list' as const, data: [{ id: context.agent, object: 'model' as const, created: 0, owned_by: 'sluice' }] }));
}

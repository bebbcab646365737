import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IdempotencyClaim, StoredResponse } from '../../idempotency/idempotency-store.ts';
import { openCallerSignal, type CallerSignal } from '../caller-signal.ts';
import type { FinishReason } from '../chat-contract.ts';
import { toChatUsage } from '../chat-messages.ts';
import { beginOnce, keyedRequest, workOnce } from '../idempotent.ts';
import { CallerLeft, problemBody, problemOf } from '../problem.ts';
import { createEventStream, eventStreamHeaders, openEventStream, replayEvents, type EventStream } from '../server-sent-events.ts';
import { createStopFilter, untilStop } from '../stop-sequences.ts';
import { chatProblems, finishReason, refusalOf, type ChatCall } from './chat-call.ts';
import type { RouteContext } from './route-context.ts';

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
  readonly refusal?: string;
}

export interface ChatStream {
  readonly call: ChatCall;
  /** `told`: a last chunk with the tokens. */
  readonly usage: 'told' | 'kept';
}

interface Chunks {
  readonly delta: (delta: Delta, finish?: FinishReason) => void;
  readonly end: () => void;
}

/** Such clients take everything that is no comment for data of the answer, so events have neither names nor ids. Where tokens are told, chunks before say that they are not there yet. */
function chunksOf(context: RouteContext, { call, usage }: ChatStream, sendText: (text: string) => void): Chunks {
  const frame = { id: call.id, object: 'chat.completion.chunk', created: call.created, model: context.agent, system_fingerprint: context.policyVersion };
  const send = (data: object): void => sendText(`data: ${JSON.stringify(data)}\n\n`);
  const untold = usage === 'told' ? { usage: null } : {};
  return {
    delta: (delta, finish) => send({ ...frame, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish ?? null }], ...untold }),
    end: () => {
      if (usage === 'told') send({ ...frame, choices: [], usage: toChatUsage(call.usage()) });
      sendText('data: [DONE]\n\n');
    },
  };
}

interface TextTeller {
  readonly onText: (event: { readonly turn: number; readonly text: string }) => void;
  /** Whether the answer was told whole. */
  readonly finish: (answer: string) => 'stopped' | 'whole';
}

/** Tells the text of all turns in its order, each until its stop; what a turn said before it called tools is a paragraph of its own. */
function createTextTeller(chunks: Chunks, stop: readonly string[]): TextTeller {
  let told = '';
  let lastTurn = 0;
  let filter = createStopFilter(stop);
  const tell = (text: string): void => {
    if (text === '') return;
    told += text;
    chunks.delta({ content: text });
  };
  const nextTurn = (turn: number): void => {
    tell(filter.end());
    filter = createStopFilter(stop);
    lastTurn = turn;
    if (told !== '') tell('\n\n');
  };
  return {
    onText: ({ turn, text }) => {
      if (turn !== lastTurn) nextTurn(turn);
      tell(filter.push(text));
    },
    // An answer that was held back until its end, or that came in the place of what was told.
    finish: (answer) => {
      tell(filter.end());
      const wanted = untilStop(answer, stop);
      if (!told.endsWith(wanted)) tell(told === '' ? wanted : `\n\n${wanted}`);
      return wanted === answer ? 'whole' : 'stopped';
    },
  };
}

interface Answering extends ChatStream {
  readonly stream: EventStream;
  readonly caller: CallerSignal;
  readonly claim: IdempotencyClaim | undefined;
}

async function tellAnswer(context: RouteContext, request: FastifyRequest, reply: FastifyReply, { call, usage, stream, caller, claim }: Answering): Promise<void> {
  const kept: string[] = [];
  const sendText = (text: string): void => {
    if (claim !== undefined) kept.push(text);
    stream.sendText(text);
  };
  const chunks = chunksOf(context, { call, usage }, sendText);
  const teller = createTextTeller(chunks, call.stop);
  let response: 'waiting' | 'open' = 'waiting';
  const onAccepted = (): void => {
    response = 'open';
    openEventStream(stream, reply);
    chunks.delta({ role: 'assistant', content: '' });
  };
  const tell = async (): Promise<StoredResponse> => {
    const answered = await context.ask(call.asked, call.options({ onAccepted, onText: teller.onText }, caller.controller.signal, claim?.firstRequestId));
    const refusal = refusalOf(call, answered);
    if (refusal !== null) chunks.delta({ refusal });
    const stopped = refusal === null ? teller.finish(answered.answer) : 'whole';
    chunks.delta({}, finishReason(answered, stopped));
    chunks.end();
    return { status: 200, headers: { 'content-type': eventStreamHeaders['content-type'] }, body: kept.join('') };
  };
  try {
    await workOnce(context.state.idempotency, { claim, log: request.log }, tell);
  } catch (error) {
    if ((response as 'waiting' | 'open') === 'waiting') throw error;
    const facts = problemOf(error);
    stream.sendText(`data: ${JSON.stringify({ ...problemBody(facts, request.requestId), ...chatProblems.problemMembers(facts) })}\n\n`);
  }
}

/** Answers with chunks of a chat completion. One that is turned away gets an ordinary error response; a later error is the last chunk. With a key, the chunks of an answer that was made are sent again. */
export async function streamChat(context: RouteContext, request: FastifyRequest, reply: FastifyReply, chat: ChatStream): Promise<FastifyReply> {
  const keyed = keyedRequest(request);
  const begun = keyed === undefined ? undefined : await beginOnce(context.state.idempotency, keyed);
  if (begun?.outcome === 'replay') return replayEvents(reply, begun.response.body);
  const caller = openCallerSignal(reply, context.active);
  const stream = createEventStream({ clock: context.clock, onTooSlow: () => caller.controller.abort(new CallerLeft('The caller did not read its events')) });
  try {
    await tellAnswer(context, request, reply, { ...chat, stream, caller, claim: begun?.claim });
  } finally {
    caller.dispose();
    stream.end();
  }
  return reply;
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { openCallerSignal } from '../caller-signal.ts';
import { toChatUsage } from '../chat-messages.ts';
import { CallerLeft, problemBody, problemOf } from '../problem.ts';
import { createEventStream, openEventStream, type EventStream } from '../server-sent-events.ts';
import { chatProblems, finishReason, type ChatCall } from './chat-call.ts';
import type { RouteContext } from './route-context.ts';

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
}

export interface ChatStream {
  readonly call: ChatCall;
  /** `told`: a last chunk with the tokens. */
  readonly usage: 'told' | 'kept';
}

interface Chunks {
  readonly delta: (delta: Delta, finish?: 'stop' | 'content_filter') => void;
  readonly end: (usage: ChatStream['usage']) => void;
}

/** Such clients take everything that is no comment for data of the answer, so events have neither names nor ids. */
function chunksOf(context: RouteContext, stream: EventStream, call: ChatCall): Chunks {
  const frame = { id: call.id, object: 'chat.completion.chunk', created: call.created, model: context.agent, system_fingerprint: context.policyVersion };
  const send = (data: object): void => stream.sendText(`data: ${JSON.stringify(data)}\n\n`);
  return {
    delta: (delta, finish) => send({ ...frame, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish ?? null }] }),
    end: (usage) => {
      if (usage === 'told') send({ ...frame, choices: [], usage: toChatUsage(call.usage()) });
      stream.sendText('data: [DONE]\n\n');
    },
  };
}

/** Tells the text of all turns in its order; what a turn said before it called tools is a paragraph of its own. */
function createTextTeller(chunks: Chunks): { readonly onText: (event: { readonly turn: number; readonly text: string }) => void; readonly finish: (answer: string) => void } {
  let told = '';
  let lastTurn = 0;
  const tell = (text: string): void => {
    told += text;
    chunks.delta({ content: text });
  };
  return {
    onText: ({ turn, text }) => {
      if (lastTurn !== 0 && turn !== lastTurn && told !== '') tell('\n\n');
      lastTurn = turn;
      tell(text);
    },
    // An answer that was held back until its end, or that came in the place of what was told.
    finish: (answer) => {
      if (!told.endsWith(answer)) tell(told === '' ? answer : `\n\n${answer}`);
    },
  };
}

/** Answers with chunks of a chat completion. One that is turned away gets an ordinary error response; a later error is the last chunk. */
export async function streamChat(context: RouteContext, request: FastifyRequest, reply: FastifyReply, { call, usage }: ChatStream): Promise<FastifyReply> {
  const caller = openCallerSignal(reply, context.active);
  const stream = createEventStream({ clock: context.clock, onTooSlow: () => caller.controller.abort(new CallerLeft('The caller did not read its events')) });
  const chunks = chunksOf(context, stream, call);
  const teller = createTextTeller(chunks);
  let response: 'waiting' | 'open' = 'waiting';
  const onAccepted = (): void => {
    response = 'open';
    openEventStream(stream, reply);
    chunks.delta({ role: 'assistant', content: '' });
  };
  try {
    const answered = await context.ask(call.asked, call.options({ onAccepted, onText: teller.onText }, caller.controller.signal));
    teller.finish(answered.answer);
    chunks.delta({}, finishReason(answered));
    chunks.end(usage);
  } catch (error) {
    if ((response as 'waiting' | 'open') === 'waiting') throw error;
    const facts = problemOf(error);
    stream.sendText(`data: ${JSON.stringify({ ...problemBody(facts, request.requestId), ...chatProblems.problemMembers(facts) })}\n\n`);
  } finally {
    caller.dispose();
    stream.end();
  }
  return reply;
}

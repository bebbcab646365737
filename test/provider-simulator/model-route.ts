import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from './clock.ts';
import { deliver, hang } from './delivery.ts';
import { WireError, type Dialect, type Envelope, type ParsedCall } from './dialect.ts';
import type { Ids } from './ids.ts';
import { complete } from './model/completion.ts';
import { question, type Reply } from './model/conversation.ts';
import { reply as modelReply } from './model/model.ts';
import type { RecordedRequest, RequestLog } from './request-log.ts';
import { sampleLatency } from './script/latency.ts';
import type { CallFacts, TakenRule } from './script/rule-book.ts';
import type { Script, Respond } from './script/script.ts';
import type { ScriptHolder } from './script/scripted-state.ts';

export interface ModelRouteParts {
  readonly dialect: Dialect;
  readonly script: ScriptHolder;
  readonly log: RequestLog;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Aborts when the simulator stops. */
  readonly stopping: AbortSignal;
}

const DEFAULT_MESSAGE: Readonly<Record<number, string>> = {
  429: 'Rate limit reached (simulated).',
  500: 'Internal server error (simulated).',
  503: 'The service is not available (simulated).',
  529: 'Overloaded (simulated).',
};

export function defaultMessage(status: number): string {
  return DEFAULT_MESSAGE[status] ?? `HTTP ${status} (simulated).`;
}

export function modelRoute(app: FastifyInstance, parts: ModelRouteParts): void {
  app.post(parts.dialect.path, async (request, reply) => {
    const requestId = parts.ids.next(parts.dialect.idPrefix.request);
    reply.header(parts.dialect.requestIdHeader, requestId);
    try {
      await answerCall(parts, { request, reply, requestId });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      await sendError(parts.dialect, reply, { status: error.status, message: error.message, param: error.param, requestId });
    }
    return reply;
  });
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly requestId: string;
}

async function answerCall(parts: ModelRouteParts, exchange: Exchange): Promise<void> {
  const { script, rules, random } = parts.script.current;
  authenticate(script, parts.dialect.apiKey(exchange.request.headers));
  const call = parts.dialect.parse(exchange.request.body, exchange.request.headers);
  if (script.models !== undefined && !script.models.includes(call.model)) throw new WireError(404, `The model ${call.model} does not exist.`, 'model');
  const facts = factsOf(parts.dialect.path, call);
  const taken = rules.take(facts);
  const latencyMs = sampleLatency(taken?.rule.respond.latency ?? script.latency, random);
  const outcome = await play(parts, { ...exchange, call, respond: taken?.rule.respond, latencyMs });
  parts.log.add(recordOf({ facts, call, taken, latencyMs, outcome, requestId: exchange.requestId }));
}

interface Play extends Exchange {
  readonly call: ParsedCall;
  readonly respond: Respond | undefined;
  readonly latencyMs: number;
}

async function play(parts: ModelRouteParts, { reply, requestId, call, respond, latencyMs }: Play): Promise<RecordedRequest['outcome']> {
  const gone = goneSignal(reply);
  const hangEnds = AbortSignal.any([gone, parts.stopping]);
  await parts.clock.sleep(latencyMs, gone).catch(() => undefined);
  if (gone.aborted) return 'client-gone';
  if (respond?.hang) {
    await hang(reply, hangEnds);
    return 'hang';
  }
  if (respond?.status !== undefined) return fail(parts.dialect, { reply, requestId, respond, status: respond.status });
  const envelope = envelopeOf(parts, call, respond);
  const { dialect, clock } = parts;
  const errorEvent = dialect.errorEvent({ status: 529, message: DEFAULT_MESSAGE[529] ?? '', param: null, requestId });
  return deliver({
    reply,
    respond,
    gone,
    hangEnds,
    errorEvent,
    message: dialect.message(envelope),
    events: dialect.events(envelope),
    stream: call.stream,
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  });
}

async function fail(dialect: Dialect, { reply, requestId, respond, status }: { reply: FastifyReply; requestId: string; respond: Respond; status: number }): Promise<number> {
  if (respond.retryAfter !== undefined) reply.header('retry-after', String(respond.retryAfter));
  await sendError(dialect, reply, { status, message: respond.message ?? defaultMessage(status), param: null, requestId });
  return status;
}

export async function sendError(dialect: Dialect, reply: FastifyReply, facts: Parameters<Dialect['error']>[0]): Promise<void> {
  await reply.status(facts.status).type('application/json').send(JSON.stringify(dialect.error(facts)));
}

export function authenticate(script: Script, key: string | undefined): void {
  if (key === undefined || key.trim() === '') throw new WireError(401, 'An API key is required.');
  if (script.apiKeys !== undefined && !script.apiKeys.includes(key)) throw new WireError(401, 'The API key is not valid.');
}

export function envelopeOf({ dialect, ids, clock }: Pick<ModelRouteParts, 'dialect' | 'ids' | 'clock'>, call: ParsedCall, respond: Respond | undefined): Envelope {
  const completion = complete(call.conversation, scriptedReply(respond) ?? modelReply(call.conversation), call.limits);
  return {
    id: ids.next(dialect.idPrefix.message),
    model: call.model,
    created: clock.unixSeconds(),
    streamUsage: call.streamUsage,
    completion,
    callIds: completion.toolCalls.map(() => ids.next(dialect.idPrefix.call)),
  };
}

function scriptedReply(respond: Respond | undefined): Reply | undefined {
  if (respond?.answer === undefined && respond?.toolCalls === undefined) return undefined;
  return { text: respond.answer ?? '', toolCalls: respond.toolCalls ?? [] };
}

export function factsOf(path: string, { model, stream, conversation }: ParsedCall): CallFacts {
  return {
    path,
    model,
    stream,
    system: conversation.system,
    user: question(conversation),
    toolNames: conversation.tools.map(({ name }) => name),
    toolResult: (conversation.turns.at(-1)?.toolResults.length ?? 0) > 0,
  };
}

export interface Recording extends Pick<RecordedRequest, 'requestId' | 'latencyMs' | 'outcome'> {
  readonly facts: CallFacts;
  readonly call: ParsedCall;
  readonly taken: TakenRule | undefined;
}

export function recordOf({ facts, call, taken, ...rest }: Recording): Omit<RecordedRequest, 'sequence'> {
  const { path, model, stream, system, user, toolNames } = facts;
  return { ...rest, path, model, stream, system, user, toolNames, toolResults: call.conversation.turns.at(-1)?.toolResults.length ?? 0, rule: taken?.index ?? null };
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

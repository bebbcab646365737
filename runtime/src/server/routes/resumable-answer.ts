import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IdempotencyClaim } from '../../idempotency/idempotency-store.ts';
import { principalOf } from '../access/add-access.ts';
import type { InvokeRequest } from '../contract.ts';
import { inFlight, KeyOfAnotherRequest, type KeyedRequest } from '../idempotent.ts';
import { createLiveStream, eventsAfter, type LiveStream } from '../live-stream.ts';
import { CallerLeft, HttpProblem, problemBody, problemOf } from '../problem.ts';
import { createEventStream, openEventStream, replayEvents } from '../server-sent-events.ts';
import { agentEvents } from './agent-events.ts';
import type { RouteContext } from './route-context.ts';

/** Milliseconds in which a reader may come back before the work stops. */
export const unreadMilliseconds = 30_000;
const maximumLength = 4_194_304;
const contentType = 'text/event-stream; charset=utf-8';

type StreamRequest = FastifyRequest<{ Body: InvokeRequest }>;

export interface Resumption {
  readonly keyed: KeyedRequest;
  /** The last event that the caller has; 0: none. */
  readonly after: number;
}

/** The events that the caller had part of are not there any more. */
class StreamGone extends HttpProblem {
  override readonly name = 'StreamGone';

  constructor(why: string) {
    super({ status: 410, slug: 'stream-gone', title: 'The stream is not there any more', detail: `${why}, so its stream cannot be continued; ask again without Last-Event-ID`, field: 'Last-Event-ID', outcome: 'rejected' });
  }
}

/** Readers of events send the request again by themselves when its connection breaks: without a key it would be answered, paid for and made all its writes of once more. Throws StreamGone. */
export function refuseUnkeyedResumption(after: number): void {
  if (after > 0) throw new StreamGone('The request had no Idempotency-Key and ended with its connection');
}

function liveKey({ scope, key }: KeyedRequest): string {
  return JSON.stringify([scope, key]);
}

/** Sends the caller its part of a stream that goes on here. When it leaves, the work goes on for a while. */
function read(context: RouteContext, reply: FastifyReply, live: LiveStream, after: number): FastifyReply {
  let onRead = (): void => {};
  // What waits for a reader is bounded by what it reads, so none is too slow; one that takes nothing loses its connection.
  const reader = createEventStream({ clock: context.clock, onTooSlow: () => {}, onRead: () => onRead() });
  const attached = live.attach(reader, after);
  onRead = attached.onRead;
  openEventStream(reader, reply);
  reply.raw.once('close', attached.detach);
  return reply;
}

interface Work {
  readonly live: LiveStream;
  readonly controller: AbortController;
  readonly claim: IdempotencyClaim;
  /** Resolves when the request has a place; rejects for one that is turned away. */
  readonly accepted: PromiseWithResolvers<void>;
}

/** Works whether somebody reads or not. Throws nothing: what fails is told in the stream, or to whoever waits for a place. */
async function work(context: RouteContext, request: StreamRequest, { live, controller, claim, accepted }: Work): Promise<void> {
  const { requestId, traceId } = request;
  const { idempotency } = context.state;
  const notKept = (cause: unknown): void => request.log.warn({ err: cause }, 'what came of a stream could not be kept under its key, or the key was not freed; it frees itself when its time is over');
  try {
    const listener = { ...agentEvents(live.send, { request_id: requestId, policy_version: context.policyVersion }), onAccepted: accepted.resolve };
    live.send('done', await context.ask(request.body, { requestId, traceId, principal: principalOf(request), writesAs: claim.firstRequestId, signal: controller.signal, listener, log: request.log }));
  } catch (error) {
    // Also where it was turned away: another try with the key may read along already.
    live.send('error', problemBody(problemOf(error), requestId));
    await idempotency.release(claim).catch(notKept);
    accepted.reject(error);
    return;
  }
  // The answer is there: that it cannot be kept takes nothing from whoever reads it.
  await idempotency.complete(claim, { status: 200, headers: { 'content-type': contentType }, body: live.text() }).catch(notKept);
}

async function begin(context: RouteContext, request: StreamRequest, reply: FastifyReply, { keyed, claim }: { readonly keyed: KeyedRequest; readonly claim: IdempotencyClaim }): Promise<FastifyReply> {
  const controller = new AbortController();
  const leave = context.active.add(controller);
  const live = createLiveStream({ clock: context.clock, unreadMilliseconds, maximumLength, onAbandoned: () => controller.abort(new CallerLeft()) });
  const accepted = Promise.withResolvers<void>();
  const name = liveKey(keyed);
  context.live.set(name, live);
  void work(context, request, { live, controller, claim, accepted }).finally(() => {
    leave();
    context.live.delete(name);
    live.end();
  });
  await accepted.promise;
  return read(context, reply, live, 0);
}

/**
 * Answers with events that outlive their connection: the same request with the same key and Last-Event-ID goes on after that event, on
 * this replica while it is answered and on any once it was.
 */
export async function resumableAnswer(context: RouteContext, request: StreamRequest, reply: FastifyReply, { keyed, after }: Resumption): Promise<FastifyReply> {
  const { idempotency } = context.state;
  const begun = await idempotency.begin(keyed);
  if (begun.outcome === 'other-payload') throw new KeyOfAnotherRequest();
  if (begun.outcome === 'replay') return replayEvents(reply, eventsAfter(begun.response.body, after));
  if (begun.outcome === 'in-flight') {
    const live = context.live.get(liveKey(keyed));
    if (live === undefined) throw inFlight(begun.retryAfterMs);
    return read(context, reply, live, after);
  }
  if (after === 0) return await begin(context, request, reply, { keyed, claim: begun.claim });
  await idempotency.release(begun.claim);
  throw new StreamGone('The request failed or was given up');
}

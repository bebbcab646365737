import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestFingerprint } from '../idempotency/fingerprint.ts';
import type { IdempotencyBegin, IdempotencyClaim, IdempotencyStore, StoredResponse } from '../idempotency/idempotency-store.ts';
import { deepestNesting, isNestedDeeper } from '../tools/nesting.ts';
import { principalOf } from './access/add-access.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { HttpProblem, InvalidInput } from './problem.ts';
import { Conflict } from './request-problems.ts';

/** What a route answers, before it is written. */
export interface RouteAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

export function storedResponse({ status, headers = {}, body }: RouteAnswer): StoredResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) };
}

/** A key was used for another request. */
export class KeyOfAnotherRequest extends HttpProblem {
  override readonly name = 'KeyOfAnotherRequest';

  constructor() {
    super({ status: 422, slug: 'idempotency-key-reused', title: 'The request is not valid', detail: 'This Idempotency-Key was used for another request; make a new one', field: 'Idempotency-Key', outcome: 'rejected' });
  }
}

/** The same request is being answered already. */
export function inFlight(retryAfterMs: number): Conflict {
  return new Conflict('idempotency-key-in-flight', 'A request with this Idempotency-Key is being answered; ask again later', { field: 'Idempotency-Key', retryAfterSeconds: Math.min(5, Math.max(1, Math.ceil(retryAfterMs / 1_000))) });
}

/** A try has an id of its own, and is still the same request. */
function withoutRequestId(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const { request_id: _, ...rest } = body as Record<string, unknown>;
  return rest;
}

export interface KeyedRequest {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly authority?: string | undefined;
  /** Of this try; not set: its writes do not go by the first try. */
  readonly requestId?: string | undefined;
}

/** How the store knows a request by its key; undefined for one without. A key is its caller's on its route, for one form of the answer: kept events are no JSON. */
export function keyedRequest(request: FastifyRequest, form: 'whole' | 'events' = 'whole'): KeyedRequest | undefined {
  const key = readIdempotencyKey(request.headers['idempotency-key']);
  if (key === undefined) return undefined;
  if (isNestedDeeper(request.body)) throw new InvalidInput('body', `The body is nested more than ${deepestNesting} levels deep`);
  const { tenant, subject, authority } = principalOf(request);
  const path = request.routeOptions.url ?? request.url;
  // Older versions that run beside this one know keys by these three, so they stay the name of a key.
  return { scope: JSON.stringify([tenant, subject, path]), key, authority, requestId: request.requestId, fingerprint: requestFingerprint({ method: form === 'whole' ? request.method : `${request.method} events`, path, body: withoutRequestId(request.body) }) };
}

/** Begins the work, or gives what came of it before. Throws for the rest: 409 in flight, 422 for another payload. */
export async function beginOnce(store: IdempotencyStore, keyed: KeyedRequest): Promise<Extract<IdempotencyBegin, { outcome: 'started' | 'replay' }>> {
  const begun = await store.begin(keyed);
  if (begun.outcome === 'in-flight') throw inFlight(begun.retryAfterMs);
  if (begun.outcome === 'other-payload') throw new KeyOfAnotherRequest();
  return begun;
}

function send(reply: FastifyReply, { status, headers, body }: StoredResponse): FastifyReply {
  return reply.code(status).headers(headers).serializer(String).send(body);
}

export interface OnceOptions {
  /** Not set: the request has no key. */
  readonly claim: IdempotencyClaim | undefined;
  readonly log: FastifyRequest['log'];
}

/** What `work` comes to is kept under the key of the request; what failed frees it. A store that went away meanwhile takes nothing from the caller: the key frees itself when its lease is over. */
export async function workOnce(store: IdempotencyStore, { claim, log }: OnceOptions, work: () => Promise<StoredResponse>): Promise<StoredResponse> {
  const onLost = (error: unknown): void => log.warn({ err: error }, 'what came of a request could not be kept under its key');
  let response: StoredResponse;
  try {
    response = await work();
  } catch (error) {
    if (claim !== undefined) await store.release(claim).catch(onLost);
    throw error;
  }
  if (claim !== undefined) await store.complete(claim, response).catch(onLost);
  return response;
}

/**
 * Answers a request once for its Idempotency-Key, if it has one: later ones get the stored answer. What failed may be tried again. `work` is
 * told the claim on the key, for what must be kept together with the answer.
 */
export async function answerOnce(store: IdempotencyStore, request: FastifyRequest, reply: FastifyReply, work: (claim?: IdempotencyClaim) => Promise<RouteAnswer>): Promise<FastifyReply> {
  const written = async (claim?: IdempotencyClaim): Promise<StoredResponse> => storedResponse(await work(claim));
  const keyed = keyedRequest(request);
  if (keyed === undefined) return send(reply, await written());
  const begun = await beginOnce(store, keyed);
  if (begun.outcome === 'replay') return send(reply.header('idempotency-replayed', 'true'), begun.response);
  const { claim } = begun;
  return send(reply, await workOnce(store, { claim, log: request.log }, async () => written(claim)));
}

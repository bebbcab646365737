import { createHash } from 'node:crypto';
import { requestIdPattern } from '../server/contract.ts';

/** One message of a body; members are whatever the caller sent. */
export interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

/** Calls of one batch: a batch counts as one request of its tenant's quota. */
export const maximumBatchCalls = 10;

/** The messages of a body: one, or those of a batch, which clients of 2025-03-26 and before may send. */
export function messagesOf(body: unknown): readonly Message[] {
  const all: readonly unknown[] = Array.isArray(body) ? body : [body];
  return all.filter((each): each is Message => typeof each === 'object' && each !== null);
}

export function callsIn(body: unknown): readonly Message[] {
  return messagesOf(body).filter(({ method }) => method === 'tools/call');
}

function numbered(requestId: string, number: number): string {
  const made = `${requestId}:${number}`;
  return requestIdPattern.test(made) ? made : `${createHash('sha256').update(requestId).digest('hex')}:${number}`;
}

/**
 * How a call of a body is called as a request: each of a batch is one of its own, as a write is made once for a request and a number within it, and a
 * budget holds for a request. The same batch sent again has the same ids.
 */
export function requestIdsOf(requestId: string, body: unknown): (id: string | number) => string {
  const calls = callsIn(body);
  return calls.length < 2 ? () => requestId : (id) => numbered(requestId, calls.findIndex((call) => call.id === id) + 1);
}

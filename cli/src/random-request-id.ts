import { randomUUID } from 'node:crypto';

/** A new request id, for `spec.intent.requestId`. */
export function randomRequestId(): string {
  return randomUUID();
}

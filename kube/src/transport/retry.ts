import type { Backoff } from '../backoff.ts';
import type { KubeError } from '../kube-error.ts';
import { between, type Random } from '../random.ts';
import type { TransportRequest } from './request.ts';

/** First try included. */
const MAX_ATTEMPTS = 5;
/** Of a server's Retry-After: all clients were told the same moment, so each adds up to this share of it. */
const HERD_SPREAD = 0.25;
const MAX_HERD_SPREAD_MS = 5_000;

/**
 * Whether sending `request` again is both safe and promising. 429 and 401 mean that the server did nothing; 503 may come
 * after the work was done, so only idempotent requests go again; after a broken connection only reads do.
 */
export function mayRetry(failure: KubeError, request: TransportRequest, attempt: number): boolean {
  if (attempt >= MAX_ATTEMPTS) return false;
  switch (failure.code) {
    case 401:
      return attempt === 1;
    case 429:
      return true;
    case 503:
      return failure.retryAfterMs !== undefined && isIdempotent(request);
    case 0:
      return failure.reason === 'Network' && request.method === 'GET' && attempt < 3;
    default:
      return false;
  }
}

/** Never sooner than the server's wish; the backoff's when it has none. At once after 401: the new credential is what matters. */
export function retryDelayMs(failure: KubeError, backoff: Backoff, random: Random): number {
  if (failure.code === 401) return 0;
  const own = backoff.next();
  const asked = failure.retryAfterMs;
  if (asked === undefined) return own;
  return Math.max(own, asked + between(random, 0, Math.min(asked * HERD_SPREAD, MAX_HERD_SPREAD_MS)));
}

function isIdempotent(request: TransportRequest): boolean {
  if (request.repeat !== undefined) return request.repeat === 'idempotent';
  return request.method === 'GET' || request.method === 'PUT' || request.method === 'DELETE';
}

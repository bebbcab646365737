import type { Deadline } from '../deadline.ts';
import { KubeError } from '../kube-error.ts';
import { RateLimitExceeded } from './rate-limiter.ts';
import type { Redactor } from './redaction.ts';
import { at, type TransportRequest } from './request.ts';

/** Deepest chain of causes that is kept. */
const MAX_DEPTH = 5;
/** Members of Node's and undici's errors that say what happened and never hold bytes of a request or an answer. */
const SAFE_MEMBERS = ['code', 'errno', 'syscall', 'address', 'port', 'hostname'] as const;

export interface StreamContext {
  readonly request: TransportRequest;
  /** Aborted when the transport is closed. */
  readonly closing: AbortSignal;
  readonly host: string;
  readonly redactor: Redactor;
}

export interface FailureContext extends StreamContext {
  readonly deadline: Deadline;
  readonly deadlineMs: number;
}

/** What ended a request, as a KubeError: `Cancelled`, `Timeout` or `Network`. Anything that is a KubeError already stays as it is. */
export function failureOf(error: unknown, context: FailureContext): KubeError {
  if (error instanceof KubeError) return error;
  const { request, closing, deadline, deadlineMs, redactor } = context;
  const call = `${request.method} ${request.path}`;
  const cause = safeCause(error, redactor);
  const made = (reason: string, message: string): KubeError => new KubeError({ ...at(request), code: 0, reason, message, cause });
  if (request.signal.aborted) return made('Cancelled', `${call} was cancelled`);
  if (closing.aborted) return made('Cancelled', `${call}: the transport was closed`);
  if (deadline.expired()) return made('Timeout', `${call} got no answer within ${deadlineMs} ms`);
  if (error instanceof RateLimitExceeded) {
    return new KubeError({ ...at(request), code: 0, reason: 'Timeout', message: `${call} was not sent: ${error.message}`, retryAfterMs: Math.ceil(error.waitMs), cause });
  }
  return made('Network', `${call} failed: ${cause.message || cause.name} (${context.host})`);
}

/** A failure while a stream's body is read. */
export function streamFailure(error: unknown, { request, closing, host, redactor }: StreamContext): KubeError {
  if (error instanceof KubeError) return error;
  const call = `${request.method} ${request.path}`;
  const cause = safeCause(error, redactor);
  if (request.signal.aborted || closing.aborted) return new KubeError({ ...at(request), code: 0, reason: 'Cancelled', message: `${call} was cancelled`, cause });
  return new KubeError({ ...at(request), code: 0, reason: 'Network', message: `the stream of ${call} broke: ${cause.message || cause.name} (${host})`, cause });
}

/** A copy with text redacted and without what a library hung on it: parser errors carry raw bytes, socket errors their buffers. */
export function safeCause(error: unknown, redactor: Redactor, depth = 0): Error {
  if (!(error instanceof Error)) return new Error(redactor.text(String(error)));
  const cause = error.cause === undefined || depth >= MAX_DEPTH ? undefined : safeCause(error.cause, redactor, depth + 1);
  const copy = new Error(redactor.text(messageOf(error)), cause === undefined ? undefined : { cause });
  copy.name = error.name;
  copy.stack = redactor.text(error.stack ?? '');
  for (const member of SAFE_MEMBERS) {
    const value = (error as unknown as Record<string, unknown>)[member];
    if (typeof value === 'string' || typeof value === 'number') Object.assign(copy, { [member]: typeof value === 'string' ? redactor.text(value) : value });
  }
  return copy;
}

/** Trying several addresses ends in an AggregateError without a message of its own. */
function messageOf(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message;
  return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ');
}

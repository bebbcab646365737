import { failureFor, ModelError, type ModelFailure } from './model-error.ts';
import { notSentIn } from './not-sent.ts';

/** What the errors of both SDKs have in common. */
export interface SdkFailure {
  readonly status?: number | undefined;
  readonly headers?: Headers | undefined;
  readonly requestID?: string | null | undefined;
}

/** Milliseconds that a retry-after header asks for; undefined for none and for dates, which providers do not send. */
export function retryAfter(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const seconds = Number.parseFloat(headers?.get('retry-after') ?? '');
  return seconds >= 0 ? seconds * 1_000 : undefined;
}

/** Identifiers come from outside, so only what looks like one is kept. */
function safeIdentifier(value: string | null | undefined): string | undefined {
  return value !== null && value !== undefined && /^[A-Za-z0-9_-]{1,100}$/.test(value) ? value : undefined;
}

/** An error that tells of a connection that was not made. */
function unsent(error: unknown): ModelError | undefined {
  const found = notSentIn(error);
  return found && new ModelError(found.how === 'late' ? 'timeout' : 'unavailable', { sent: 'no', cause: error });
}

/** The error of an SDK as ours. `withoutStatus` is what it counts as when no HTTP status is known. */
export function modelErrorFrom(error: SdkFailure, withoutStatus: ModelFailure): ModelError {
  const notSent = unsent(error);
  if (notSent !== undefined) return notSent;
  const failure = error.status === undefined ? withoutStatus : failureFor(error.status);
  return new ModelError(failure, {
    status: error.status,
    retryAfterMilliseconds: retryAfter(error.headers),
    providerRequestId: safeIdentifier(error.requestID),
    cause: error,
  });
}

/** An error that is none of the SDK's own: fetch reports a broken connection as a TypeError with a cause; one without is code that met a reply it did not expect. */
export function modelErrorFromUnknown(error: unknown): ModelError {
  const notSent = unsent(error);
  if (notSent !== undefined) return notSent;
  const unreadable = error instanceof SyntaxError || (error instanceof TypeError && error.cause === undefined);
  return new ModelError(unreadable ? 'invalid_reply' : 'unavailable', { cause: error });
}

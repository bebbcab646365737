export interface KubeErrorDetails {
  /** HTTP status; 0 when there was no answer (connection, TLS, deadline, cancelled). */
  readonly code: number;
  /** The API server's machine-readable reason (`NotFound`, `Conflict`, ...), or `Network`, `Timeout`, `Cancelled`, `Malformed`, `Config`. */
  readonly reason: string;
  readonly message: string;
  readonly method?: string;
  readonly path?: string;
  /** How long the server asks to wait, milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The fields the server complained about, as in `Status.details.causes`. */
  readonly causes?: readonly StatusCause[];
  readonly cause?: unknown;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** The one error this package throws for anything that went wrong with the cluster. Its text never holds a credential. */
export class KubeError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly method: string;
  readonly path: string;
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly StatusCause[];

  constructor(details: KubeErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KubeError';
    this.code = details.code;
    this.reason = details.reason;
    this.method = details.method ?? '';
    this.path = details.path ?? '';
    this.retryAfterMs = details.retryAfterMs;
    this.causes = details.causes ?? [];
  }
}

function hasCode(error: unknown, code: number): error is KubeError {
  return error instanceof KubeError && error.code === code;
}

export function isNotFound(error: unknown): error is KubeError {
  return hasCode(error, 404);
}

/** The object changed since it was read, or another field manager owns a field. Not an existing name: see {@link isAlreadyExists}. */
export function isConflict(error: unknown): error is KubeError {
  return hasCode(error, 409) && error.reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): error is KubeError {
  return hasCode(error, 409) && error.reason === 'AlreadyExists';
}

/** The resourceVersion (or continue token) is too old: list again. */
export function isGone(error: unknown): error is KubeError {
  return hasCode(error, 410) || (error instanceof KubeError && error.reason === 'Expired');
}

export function isTooManyRequests(error: unknown): error is KubeError {
  return hasCode(error, 429);
}

export function isForbidden(error: unknown): error is KubeError {
  return hasCode(error, 403);
}

export function isUnauthorized(error: unknown): error is KubeError {
  return hasCode(error, 401);
}

/** Validation refused the object (422), a CEL rule included. */
export function isInvalid(error: unknown): error is KubeError {
  return hasCode(error, 422);
}

/** The caller's own AbortSignal ended the call. */
export function isCancelled(error: unknown): error is KubeError {
  return error instanceof KubeError && error.reason === 'Cancelled';
}

/** Worth trying again unchanged: no answer, a deadline, 429, or a 5xx that speaks of the moment. */
export function isTransient(error: unknown): error is KubeError {
  if (!(error instanceof KubeError)) return false;
  if (error.code === 0) return error.reason === 'Network' || error.reason === 'Timeout';
  return error.code === 429 || error.code === 500 || error.code === 502 || error.code === 503 || error.code === 504;
}

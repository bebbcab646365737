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
  /** Where a list whose continue token is too old may go on all the same, on a newer version (`Status.metadata.continue`). */
  readonly freshContinue?: string | undefined;
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
  /** With 410 to a page of a list: a token to go on with, where the pages before are of an older version than those after. */
  readonly freshContinue: string | undefined;

  constructor(details: KubeErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KubeError';
    this.code = details.code;
    this.reason = details.reason;
    this.method = details.method ?? '';
    this.path = details.path ?? '';
    this.retryAfterMs = details.retryAfterMs;
    this.causes = details.causes ?? [];
    this.freshContinue = details.freshContinue;
  }
}

function hasCode(error: unknown, code: number): error is KubeError {
  return error instanceof KubeError && error.code === code;
}

function hasReason(error: unknown, reason: string): error is KubeError {
  return error instanceof KubeError && error.reason === reason;
}

/** The request itself is wrong: an unknown query parameter, a body that does not parse, a strict field validation. */
export function isBadRequest(error: unknown): error is KubeError {
  return hasCode(error, 400);
}

/** The credential is missing, wrong or over; the transport has already tried once with a new one. */
export function isUnauthorized(error: unknown): error is KubeError {
  return hasCode(error, 401);
}

/** The credential is good but may not do this: RBAC, admission, or a quota. */
export function isForbidden(error: unknown): error is KubeError {
  return hasCode(error, 403);
}

/** There is no such object, or no such resource. */
export function isNotFound(error: unknown): error is KubeError {
  return hasCode(error, 404);
}

/** The resource has no such verb, as `create` on a read-only one. */
export function isMethodNotSupported(error: unknown): error is KubeError {
  return hasCode(error, 405);
}

/** The server cannot answer in the form that was asked for. */
export function isNotAcceptable(error: unknown): error is KubeError {
  return hasCode(error, 406);
}

/** The object changed since it was read, or another field manager owns a field. Not an existing name: see {@link isAlreadyExists}. */
export function isConflict(error: unknown): error is KubeError {
  return hasCode(error, 409) && error.reason !== 'AlreadyExists';
}

/** The name of a create is taken. */
export function isAlreadyExists(error: unknown): error is KubeError {
  return hasCode(error, 409) && error.reason === 'AlreadyExists';
}

/** The resourceVersion (or continue token) is too old: list again. */
export function isGone(error: unknown): error is KubeError {
  return hasCode(error, 410) || hasReason(error, 'Expired');
}

/** The object is larger than the server or etcd takes (about 1.5 MiB). */
export function isRequestEntityTooLarge(error: unknown): error is KubeError {
  return hasCode(error, 413);
}

/** The kind of body is not accepted, such as a strategic merge patch for a custom resource. */
export function isUnsupportedMediaType(error: unknown): error is KubeError {
  return hasCode(error, 415);
}

/** Validation refused the object (422), a CEL rule included. */
export function isInvalid(error: unknown): error is KubeError {
  return hasCode(error, 422);
}

/** Priority and fairness, or a rate limit of the server: `retryAfterMs` says how long to wait. */
export function isTooManyRequests(error: unknown): error is KubeError {
  return hasCode(error, 429);
}

/** The server failed, an admission webhook included. */
export function isInternalError(error: unknown): error is KubeError {
  return hasCode(error, 500) && error.reason !== 'ServerTimeout';
}

/** The server, or an aggregated API behind it, is not there at the moment. */
export function isServiceUnavailable(error: unknown): error is KubeError {
  return hasCode(error, 503);
}

/** The server could not finish in time and says that trying again is of use. Reason `ServerTimeout`, whatever the code. */
export function isServerTimeout(error: unknown): error is KubeError {
  return hasReason(error, 'ServerTimeout');
}

/** No answer in time: the server's own limit (504) or the call's deadline. The work may have been done. */
export function isTimeout(error: unknown): error is KubeError {
  return hasCode(error, 504) || hasReason(error, 'Timeout');
}

/** No answer at all: refused, reset, TLS. */
export function isNetwork(error: unknown): error is KubeError {
  return hasCode(error, 0) && error.reason === 'Network';
}

/** The caller's own AbortSignal ended the call, or the transport was closed. */
export function isCancelled(error: unknown): error is KubeError {
  return hasReason(error, 'Cancelled');
}

/** A kubeconfig or credential that cannot be used; trying again does not help. */
export function isConfigError(error: unknown): error is KubeError {
  return hasCode(error, 0) && error.reason === 'Config';
}

/** The answer was not what the API server sends: something else is listening there. */
export function isMalformed(error: unknown): error is KubeError {
  return hasCode(error, 0) && error.reason === 'Malformed';
}

/** The namespace is being deleted, so nothing can be created in it. */
export function isNamespaceTerminating(error: unknown): error is KubeError {
  return isForbidden(error) && error.causes.some((cause) => cause.reason === 'NamespaceTerminating');
}

/** Worth trying again unchanged: no answer, a deadline, 429, or a 5xx that speaks of the moment. */
export function isTransient(error: unknown): error is KubeError {
  if (!(error instanceof KubeError)) return false;
  if (error.code === 0) return error.reason === 'Network' || error.reason === 'Timeout';
  return error.code === 429 || error.code === 500 || error.code === 502 || error.code === 503 || error.code === 504;
}

import { isGone, KubeError } from '../kube-error.ts';

/** After this many answered but failed watches in a row the version may be one the server does not know (etcd restored): list. */
const FAILED_WATCHES_BEFORE_LIST = 5;
/** The stream cannot be believed, or a line of it was lost: only a list can tell what it said. */
const UNBELIEVABLE = new Set(['Malformed', 'LineTooLong', 'OutOfOrder']);

/** What a reflector does next, and whether at once. */
export interface Step {
  readonly next: 'list' | 'watch';
  readonly pace: 'at once' | 'backoff';
  /** How long the server asks to wait, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

export interface EndedWatch {
  /** Undefined when the server ended it cleanly. */
  readonly failure: unknown;
  /** `sound`: it lived long enough that its end needs no delay. */
  readonly life: 'sound' | 'short';
  /** Whether a line came at all. */
  readonly heard: 'something' | 'nothing';
  /** Answered but failed watches in a row before this one. */
  readonly failedBefore: number;
}

export interface AfterWatch extends Step {
  /** Whether the failure is worth telling: 410 and a clean end are everyday. */
  readonly tell: 'tell' | 'silent';
  /** As `failedBefore`, this watch included. */
  readonly failed: number;
}

/** Decides what follows a watch. */
export function afterWatch({ failure, life, heard, failedBefore }: EndedWatch): AfterWatch {
  const pace = life === 'sound' ? 'at once' : 'backoff';
  if (failure === undefined) return { next: 'watch', pace, tell: 'silent', failed: 0 };
  if (isGone(failure)) return { next: 'list', pace, tell: 'silent', failed: 0 };
  if (!(failure instanceof KubeError)) return { next: 'watch', pace: 'backoff', tell: 'tell', failed: 0 };
  if (UNBELIEVABLE.has(failure.reason) || isVersionUnknown(failure)) return { next: 'list', pace: 'backoff', tell: 'tell', failed: 0 };
  // An API server (1.36 seen) is silent, without even bookmarks, when asked for a version above all it knows, as after a restored backup.
  if (failure.reason === 'Stalled') return { next: heard === 'nothing' ? 'list' : 'watch', pace, tell: 'tell', failed: failedBefore };
  const failed = failure.code > 0 ? failedBefore + 1 : 0;
  const next = failed >= FAILED_WATCHES_BEFORE_LIST ? 'list' : 'watch';
  return { next, pace: 'backoff', retryAfterMs: failure.retryAfterMs, tell: 'tell', failed };
}

/** The version asked for is above all the server knows: its storage was set back. */
function isVersionUnknown(failure: KubeError): boolean {
  return failure.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge');
}

import { WriteInFlight } from '../approvals/write-in-flight.ts';
import { BudgetExceeded } from '../budgets/budget-exceeded.ts';
import { isUnavailability, ModelError } from '../providers/model-error.ts';
import { StoreError } from '../store/store-error.ts';
import type { RequestOutcome } from '../telemetry/metrics.ts';

/** An error response before it has a request: RFC 9457. */
export interface ProblemFacts {
  readonly status: number;
  /** Names the kind of problem; the last part of its `type`. */
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** Further headers of the response. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How the request counts. */
  readonly outcome: RequestOutcome;
}

/** An error that knows what to tell the caller. */
export class HttpProblem extends Error {
  override readonly name: string = 'HttpProblem';
  readonly facts: ProblemFacts;

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail, options);
    this.facts = facts;
  }

  /** Why, as a name out of few. */
  get failure(): string {
    return this.facts.slug;
  }
}

/** Something in the request that the caller can correct. */
export class InvalidInput extends HttpProblem {
  override readonly name = 'InvalidInput';

  constructor(field: string, detail: string, status: 400 | 422 = 422) {
    super({ status, slug: 'invalid-input', title: 'The request is not valid', detail, field, outcome: 'rejected' });
  }
}

/** No place in the queue. */
export class Overloaded extends HttpProblem {
  override readonly name = 'Overloaded';

  constructor(limits: { readonly running: number; readonly queued: number }) {
    const detail = `${limits.running} requests run and ${limits.queued} wait, which is all that this replica takes; try again`;
    super({ status: 503, slug: 'overloaded', title: 'The agent is busy', detail, retryAfterSeconds: 1, outcome: 'overloaded' });
  }
}

/** All connections that the process has for callers have requests under way. */
export class ConnectionsTaken extends HttpProblem {
  override readonly name = 'ConnectionsTaken';

  constructor() {
    super({ status: 503, slug: 'overloaded', title: 'The agent is busy', detail: 'All connections that this replica has for callers have requests under way; try again', retryAfterSeconds: 1, headers: { connection: 'close' }, outcome: 'overloaded' });
  }
}

/** The process ends and could not wait any longer. */
export class ShuttingDown extends HttpProblem {
  override readonly name = 'ShuttingDown';

  constructor() {
    super({ status: 503, slug: 'shutting-down', title: 'The replica is shutting down', detail: 'The replica shut down before the request was finished; try again', retryAfterSeconds: 1, outcome: 'error' });
  }
}

export class RequestTimeout extends HttpProblem {
  override readonly name = 'RequestTimeout';

  constructor(milliseconds: number) {
    super({ status: 504, slug: 'timeout', title: 'The agent did not finish in time', detail: `The request was not finished within ${milliseconds} ms (limits.requestTimeout)`, outcome: 'timeout' });
  }
}

/** The caller closed the connection; nobody reads the response. 499 is what proxies log for that. */
export class CallerLeft extends HttpProblem {
  override readonly name = 'CallerLeft';

  constructor(detail = 'The caller closed the connection') {
    super({ status: 499, slug: 'cancelled', title: 'The request was cancelled', detail, outcome: 'cancelled' });
  }
}

/** Seconds after which a caller may ask again when the provider does not say, and the longest that it is told. */
const defaultRetryAfterSeconds = 5;
const longestRetryAfterSeconds = 300;

/** 503 where the same request may be answered later, 504 where that took too long, 502 where the provider answered something else. */
function providerProblem(error: ModelError): ProblemFacts {
  const facts = { slug: `provider-${error.failure.replaceAll('_', '-')}`, title: 'The model provider failed', detail: error.message, outcome: 'error' as const };
  if (error.failure === 'timeout') return { ...facts, status: 504 };
  if (!isUnavailability(error)) return { ...facts, status: 502 };
  const seconds = error.retryAfterMilliseconds === undefined ? defaultRetryAfterSeconds : Math.ceil(error.retryAfterMilliseconds / 1_000);
  return { ...facts, status: 503, retryAfterSeconds: Math.min(longestRetryAfterSeconds, Math.max(1, seconds)) };
}

/** That a caller, or the agent, has used up its day is no fault of this request. */
function budgetProblem(error: BudgetExceeded): ProblemFacts {
  const { retryAfterMilliseconds: wait } = error;
  return { status: 429, slug: 'quota-exceeded', title: 'The budget is used up', detail: error.message, retryAfterSeconds: wait === undefined ? undefined : Math.max(1, Math.ceil(wait / 1_000)), outcome: 'rejected' };
}

/** What needs no store is still answered. A statement that the store does not take is a fault of ours. */
function storeProblem({ failure }: StoreError): ProblemFacts {
  if (failure === 'rejected' || failure === 'corrupt') return internal;
  return { status: 503, slug: 'store-unavailable', title: 'The store is not available', detail: 'What this request needs to keep or to read is not available for now; try again', retryAfterSeconds: 2, outcome: 'error' };
}

/** Most writes end long before they are taken for lost. */
const longestWriteRetrySeconds = 5;

function writeProblem({ retryAfterMs }: WriteInFlight): ProblemFacts {
  const retryAfterSeconds = Math.min(longestWriteRetrySeconds, Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  return { status: 409, slug: 'write-in-flight', title: 'This conflicts with what is there', detail: 'Another try of this request is making the same write; ask again with the same request id to learn what came of it', retryAfterSeconds, outcome: 'rejected' };
}

const internal: ProblemFacts = { status: 500, slug: 'internal', title: 'Internal error', detail: 'The request failed for a reason inside the agent server; its log has the details under the request id', outcome: 'error' };

/** An unknown error of the agent, logged already where it was counted. */
export class AgentFailed extends HttpProblem {
  override readonly name = 'AgentFailed';

  constructor(cause: unknown) {
    super(internal, { cause });
  }
}

const counted = Symbol('counted');

/** Says of an error of a request that the request was counted with it. */
export function markCounted<T>(error: T): T {
  return error instanceof Error ? Object.assign(error, { [counted]: true }) : error;
}

export function isCounted(error: unknown): boolean {
  return error instanceof Error && counted in error;
}

/** What to tell the caller about an error. Unknown errors say nothing about themselves. */
export function problemOf(error: unknown): ProblemFacts {
  if (error instanceof HttpProblem) return error.facts;
  if (error instanceof ModelError) return providerProblem(error);
  if (error instanceof BudgetExceeded) return budgetProblem(error);
  if (error instanceof StoreError) return storeProblem(error);
  if (error instanceof WriteInFlight) return writeProblem(error);
  return internal;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly request_id: string;
  readonly field?: string;
}

/** The body of an application/problem+json response. */
export function problemBody(facts: ProblemFacts, requestId: string): ProblemBody {
  const { slug, title, status, detail, field } = facts;
  return { type: `urn:sluice:problem:${slug}`, title, status, detail, request_id: requestId, ...(field === undefined ? {} : { field }) };
}

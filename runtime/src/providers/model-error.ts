/** Why a model gave no reply. Also the values of a metric label. */
export const modelFailures = ['unauthorized', 'rate_limited', 'overloaded', 'unavailable', 'timeout', 'circuit_open', 'invalid_request', 'invalid_reply'] as const;
export type ModelFailure = (typeof modelFailures)[number];

export interface ModelErrorFacts {
  readonly status?: number | undefined;
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMilliseconds?: number | undefined;
  /** The provider's name of the request: its support asks for it. */
  readonly providerRequestId?: string | undefined;
  /** `no`: nothing of the request was sent, so it cannot have cost anything. Not set: nobody knows. */
  readonly sent?: 'no' | undefined;
  readonly cause?: unknown;
}

const sentences: Readonly<Record<ModelFailure, string>> = {
  unauthorized: 'The model provider does not accept the API key',
  rate_limited: 'The model provider limits the rate of requests',
  overloaded: 'The model provider is overloaded',
  unavailable: 'The model provider cannot be reached, or broke the connection off',
  timeout: 'The model provider did not answer in time',
  circuit_open: 'The model provider is not asked for a moment, because its last answers were failures',
  invalid_request: 'The model provider does not accept the request',
  invalid_reply: 'The model provider sent a reply that cannot be read',
};

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status <= 399;
}

function sentence(failure: ModelFailure, status: number | undefined): string {
  if (status === undefined) return sentences[failure];
  if (isRedirect(status)) return `The model provider redirects (HTTP ${status}), which is not followed; set its endpoint to where it leads`;
  if (failure === 'unavailable') return `The model provider failed (HTTP ${status})`;
  return `${sentences[failure]} (HTTP ${status})`;
}

/** A provider's failure in our own words: its text may quote keys and prompts, so it stays in `cause`, which is never logged. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly failure: ModelFailure;
  readonly status: number | undefined;
  readonly retryAfterMilliseconds: number | undefined;
  readonly providerRequestId: string | undefined;
  readonly sent: 'no' | undefined;

  constructor(failure: ModelFailure, facts: ModelErrorFacts = {}) {
    super(sentence(failure, facts.status), { cause: facts.cause });
    this.failure = failure;
    this.status = facts.status;
    this.retryAfterMilliseconds = facts.retryAfterMilliseconds;
    this.providerRequestId = facts.providerRequestId;
    this.sent = facts.sent;
  }
}

const failureOfStatus: Readonly<Record<number, ModelFailure>> = { 401: 'unauthorized', 403: 'unauthorized', 408: 'unavailable', 409: 'unavailable', 429: 'rate_limited', 503: 'overloaded', 529: 'overloaded' };

/** How an HTTP status of a provider counts. */
export function failureFor(status: number): ModelFailure {
  if (isRedirect(status)) return 'invalid_reply';
  return failureOfStatus[status] ?? (status >= 500 ? 'unavailable' : 'invalid_request');
}

const unavailable: ReadonlySet<ModelFailure> = new Set(['rate_limited', 'overloaded', 'unavailable', 'timeout', 'circuit_open']);

/**
 * Whether the provider could not be reached or refused to serve, whatever it was asked. A request that it does not accept, a key that
 * it does not know and a reply that cannot be read are for the configuration to answer for.
 */
export function isUnavailability(error: ModelError): boolean {
  return unavailable.has(error.failure);
}

const retryable: ReadonlySet<ModelFailure> = new Set(['rate_limited', 'overloaded', 'unavailable', 'timeout', 'invalid_reply']);

/** Whether the same request may well succeed a moment later. */
export function isTransient(error: ModelError): boolean {
  return retryable.has(error.failure) && !isRedirect(error.status);
}

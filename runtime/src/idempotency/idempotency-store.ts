/** What a caller got, kept to be given again. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotencyClaim {
  /** Whose keys these are: two tenants, or two routes, may use the same key. */
  readonly scope: string;
  readonly key: string;
  readonly fence: number;
  /** The request id of the first try of this request: what all of its tries write under, whatever ids they have themselves. */
  readonly firstRequestId?: string | undefined;
}

/**
 * `started`: the caller does the work, and tells with the claim how it ended. `replay`: it was done. `in-flight`: it is being done (409).
 * `other-payload`: the key was used for another request (422).
 */
export type IdempotencyBegin =
  | { readonly outcome: 'started'; readonly claim: IdempotencyClaim }
  | { readonly outcome: 'replay'; readonly response: StoredResponse }
  | { readonly outcome: 'in-flight'; /** Milliseconds until it is taken for lost. */ readonly retryAfterMs: number }
  | { readonly outcome: 'other-payload' };

export interface IdempotencyLimits {
  /** Milliseconds that a response is kept: what the documentation of the API promises. */
  readonly keepMs: number;
  /** Milliseconds that work may take without `renew` before another try may begin it. */
  readonly leaseMs: number;
  /** UTF-16 units of a body; a larger one is not kept, and the key is free again. */
  readonly maxBodyLength: number;
}

export const defaultIdempotencyLimits: IdempotencyLimits = { keepMs: 86_400_000, leaseMs: 60_000, maxBodyLength: 4_194_304 };

/** The records behind the Idempotency-Key header. */
export interface IdempotencyStore {
  /** `fingerprint`: a digest of all of the request that matters. `authority`: who vouched for the owner of the scope; a key of another one is that of another request. `requestId`: of this try. */
  readonly begin: (request: { readonly scope: string; readonly key: string; readonly fingerprint: string; readonly authority?: string | undefined; readonly requestId?: string | undefined }) => Promise<IdempotencyBegin>;
  readonly renew: (claim: IdempotencyClaim) => Promise<'renewed' | 'lost'>;
  readonly complete: (claim: IdempotencyClaim, response: StoredResponse) => Promise<'stored' | 'too-large' | 'lost'>;
  /** The work came to nothing that is worth keeping: the next try begins afresh. */
  readonly release: (claim: IdempotencyClaim) => Promise<'released' | 'lost'>;
  /** Removes what has expired. The number removed. */
  readonly prune: () => Promise<number>;
}

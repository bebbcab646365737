import type { RateDecision, RateRule } from '../store/rate-limits/rate-limiter.ts';
import type { LoginRefusal } from './access/login-refusal.ts';
import { HttpProblem } from './problem.ts';

/** Who asks is not known. */
export class Unauthenticated extends HttpProblem {
  override readonly name = 'Unauthenticated';

  readonly refusal: LoginRefusal | undefined;

  constructor(detail: string, { refusal, ...options }: ErrorOptions & { readonly refusal?: LoginRefusal } = {}) {
    super({ status: 401, slug: 'unauthenticated', title: 'Who asks is not known', detail, headers: { 'www-authenticate': 'Bearer' }, outcome: 'rejected' }, options);
    this.refusal = refusal;
  }
}

/** What a token is checked by cannot be had: nobody can be told apart, which is no fault of the caller. */
export class IssuerAway extends HttpProblem {
  override readonly name = 'IssuerAway';
  readonly refusal: LoginRefusal;

  constructor(refusal: LoginRefusal, cause: unknown) {
    super({ status: 503, slug: 'issuer-unavailable', title: 'The token cannot be checked', detail: 'What the token is checked by is not available for now; try again', retryAfterSeconds: 5, outcome: 'error' }, { cause });
    this.refusal = refusal;
  }
}

/** Why nobody was let in; undefined for all other problems. */
export function loginRefusalOf(error: unknown): LoginRefusal | undefined {
  return error instanceof Unauthenticated || error instanceof IssuerAway ? error.refusal : undefined;
}

/** Who asks is known, and may not do this. */
export class Forbidden extends HttpProblem {
  override readonly name = 'Forbidden';

  constructor(detail: string, field?: string) {
    super({ status: 403, slug: 'forbidden', title: 'This is not allowed', detail, field, outcome: 'rejected' });
  }
}

/** It is not there, or somebody else's, which callers cannot tell apart. */
export class NotFound extends HttpProblem {
  override readonly name = 'NotFound';

  constructor(detail: string, field?: string) {
    super({ status: 404, slug: 'not-found', title: 'There is no such thing', detail, field, outcome: 'rejected' });
  }
}

/** What is there stands in the way. */
export class Conflict extends HttpProblem {
  override readonly name = 'Conflict';

  constructor(slug: string, detail: string, more: { readonly field?: string; readonly retryAfterSeconds?: number } = {}) {
    super({ status: 409, slug, title: 'This conflicts with what is there', detail, ...more, outcome: 'rejected' });
  }
}

/** The caller has taken all that it may for now. */
export class QuotaExceeded extends HttpProblem {
  override readonly name = 'QuotaExceeded';

  constructor(detail: string, retryAfterSeconds?: number) {
    super({ status: 429, slug: 'quota-exceeded', title: 'The quota is used up', detail, retryAfterSeconds, outcome: 'rejected' });
  }
}

/** Of the requests that wait here, those of this tenant are its part already, and others wait too. */
export class QueueShareTaken extends HttpProblem {
  override readonly name = 'QueueShareTaken';

  constructor({ share, places }: { readonly share: number; readonly places: number }) {
    const detail = `Requests of other tenants wait too, and those of this one have its part of the queue: ${share} of the ${places} places of this replica; try again`;
    const headers = { 'ratelimit-policy': `"queue";q=${share};qu="concurrent-requests"`, ratelimit: '"queue";r=0;t=1' };
    super({ status: 429, slug: 'quota-exceeded', title: 'The quota is used up', detail, retryAfterSeconds: 1, headers, outcome: 'rejected' });
  }
}

/** From this address came too many credentials that nobody knows. */
export class TooManyFailedLogins extends HttpProblem {
  override readonly name = 'TooManyFailedLogins';

  constructor({ burst, windowMs }: RateRule, { remaining, retryAfterMs }: RateDecision) {
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    const headers = { 'ratelimit-policy': `"failed-logins";q=${burst};w=${Math.ceil(windowMs / 1_000)}`, ratelimit: `"failed-logins";r=${remaining};t=${retryAfterSeconds}` };
    super({ status: 429, slug: 'too-many-failed-logins', title: 'Too many unknown credentials', detail: `${burst} requests with unknown credentials came from this address within ${Math.ceil(windowMs / 1_000)} s; correct the key or the token, and ask again later`, retryAfterSeconds, headers, outcome: 'rejected' });
  }
}

import { HttpProblem } from './problem.ts';

/** Who asks is not known. */
export class Unauthenticated extends HttpProblem {
  override readonly name = 'Unauthenticated';

  constructor(detail: string, options?: ErrorOptions) {
    super({ status: 401, slug: 'unauthenticated', title: 'Who asks is not known', detail, headers: { 'www-authenticate': 'Bearer' }, outcome: 'rejected' }, options);
  }
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

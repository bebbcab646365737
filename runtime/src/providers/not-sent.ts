const timeouts: ReadonlySet<unknown> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

/** How far the causes of an error are followed. */
const deepestCause = 8;

function codeOf(error: Error): { readonly code?: unknown } {
  return 'code' in error ? { code: error.code } : {};
}

/**
 * What fetch rejects with where no connection could be made: nothing of the request was sent, so the provider cannot have worked on it. Its causes are without the text of
 * `why`, as SDKs take each text that speaks of a timeout for one of their own, and forget the rest.
 */
export class NotSent extends TypeError {
  /** Whether the time for it was over, or it was refused. */
  readonly how: 'late' | 'refused';

  constructor(why: Error) {
    super('fetch failed', { cause: Object.assign(new Error('no connection was made'), codeOf(why)) });
    this.how = timeouts.has(codeOf(why).code) ? 'late' : 'refused';
  }
}

/** The one that an error is about, whatever SDKs have put around it. */
export function notSentIn(error: unknown): NotSent | undefined {
  let each = error;
  for (let depth = 0; depth < deepestCause && each instanceof Error; depth += 1) {
    if (each instanceof NotSent) return each;
    each = each.cause;
  }
  return undefined;
}

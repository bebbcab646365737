import { Agent, fetch as undiciFetch } from 'undici';

/** The connections to one model provider. */
export interface ModelFetch {
  readonly fetch: typeof fetch;
  readonly close: () => Promise<void>;
}

const connectTimeoutMilliseconds = 5_000;

export function createModelFetch(): ModelFetch {
  // Times are limited by the caller's signal; undici's own limits of five minutes would cut long replies.
  const dispatcher = new Agent({ connect: { timeout: connectTimeoutMilliseconds }, headersTimeout: 0, bodyTimeout: 0 });
  const send = (url: unknown, init: object | undefined): unknown => undiciFetch(url as Parameters<typeof undiciFetch>[0], { ...init, dispatcher });
  return { fetch: send as typeof fetch, close: () => dispatcher.destroy() };
}

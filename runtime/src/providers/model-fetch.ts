import { fetch as undiciFetch } from 'undici';
import { ModelConnections } from './model-connections.ts';

/** The connections to one model provider. */
export interface ModelFetch {
  readonly fetch: typeof fetch;
  readonly close: () => Promise<void>;
}

const connectTimeoutMilliseconds = 5_000;

export function createModelFetch(): ModelFetch {
  // Times are limited by the caller's signal; undici's own limits of five minutes would cut long replies.
  const dispatcher = new ModelConnections({ connect: { timeout: connectTimeoutMilliseconds }, headersTimeout: 0, bodyTimeout: 0 });
  // A redirect would carry the prompt and the input to a host that nobody chose: it is handed on as the answer, and an error there.
  const send = (url: unknown, init: object | undefined): unknown => undiciFetch(url as Parameters<typeof undiciFetch>[0], { ...init, redirect: 'manual', dispatcher });
  return { fetch: send as typeof fetch, close: () => dispatcher.destroy() };
}

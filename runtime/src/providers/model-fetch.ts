import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { acceptedEncodings } from './decoded-body.ts';
import { ModelConnections } from './model-connections.ts';
import { ModelResponse } from './model-response.ts';
import { NotSent } from './not-sent.ts';

/** The connections to one model provider. */
export interface ModelFetch {
  readonly fetch: typeof fetch;
  readonly close: () => Promise<void>;
}

export interface ModelFetchOptions {
  /** Sent with each request, besides its own. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** `any`: answers are read piece by piece and may be of any length. Default: none is longer than a model writes. */
  readonly lengths?: 'any' | undefined;
}

/** Bytes of one answer: more than a model writes, and less than ends the process. */
const longestAnswer = 67_108_864;

const connectTimeoutMilliseconds = 5_000;

const cancellation = Symbol('the signal that ends a request');

/**
 * Options of an SDK's request, for its fetch: the signal of who waits for it. An SDK that is given the signal itself composes it with its own, which
 * costs as much as half of all the rest that it does.
 */
export function cancelledBy(signal: AbortSignal): object {
  return { [cancellation]: signal };
}

interface ModelRequestInit {
  readonly method?: string;
  readonly headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
  readonly [cancellation]?: AbortSignal;
}

function headersOf({ headers = {} }: ModelRequestInit): Record<string, string> {
  const all: Record<string, string> = { 'accept-encoding': acceptedEncodings };
  for (const [name, value] of Symbol.iterator in headers ? headers : Object.entries(headers)) all[name.toLowerCase()] = value;
  return all;
}

function bodyOf({ body = null }: ModelRequestInit): string | Uint8Array | null {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return body;
  throw new TypeError('a request of a model has a text or bytes for a body: encode what else there is');
}

/** One signal that aborts with any of those of a request. `dispose`: they are not listened to any more. */
function joined({ signal, [cancellation]: caller }: ModelRequestInit): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const signals = [signal, caller].filter((each) => each !== null && each !== undefined);
  const abort = ({ target }: Event): void => controller.abort((target as AbortSignal).reason);
  for (const each of signals) each.throwIfAborted();
  for (const each of signals) each.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    dispose: () => {
      for (const each of signals) each.removeEventListener('abort', abort);
    },
  };
}

interface Sender {
  readonly dispatcher: Dispatcher;
  /** Bytes of an answer; undefined: any number. */
  readonly longest: number | undefined;
}

/** Sends over `dispatcher`. Rejects as fetch does: with the reason of a signal, or with a TypeError whose cause says what is wrong with the connection. */
async function send({ dispatcher, longest }: Sender, url: URL, init: ModelRequestInit, more: Readonly<Record<string, string>>): Promise<ModelResponse> {
  const body = bodyOf(init);
  const { signal, dispose } = joined(init);
  try {
    const received = await dispatcher.request({ origin: url.origin, path: `${url.pathname}${url.search}`, method: init.method ?? 'GET', headers: { ...headersOf(init), ...more } as IncomingHttpHeaders, body, signal });
    received.body.once('close', dispose);
    return new ModelResponse(received, url.href, longest);
  } catch (cause) {
    dispose();
    signal.throwIfAborted();
    throw cause instanceof NotSent ? cause : new TypeError('fetch failed', { cause });
  }
}

/**
 * The fetch that SDKs are given. It sends a request and reads a response; of what else fetch has, redirects are handed on as the answer, for they would
 * carry the prompt and the input to a host that nobody chose, and there are no caches, cookies and forms.
 */
export function createModelFetch({ headers = () => ({}), lengths }: ModelFetchOptions = {}): ModelFetch {
  const longest = lengths === 'any' ? undefined : longestAnswer;
  // Times are limited by the caller's signal; undici's own limits of five minutes would cut long replies.
  const dispatcher = new ModelConnections({ connect: { timeout: connectTimeoutMilliseconds }, headersTimeout: 0, bodyTimeout: 0, ...(longest === undefined ? {} : { maxResponseSize: longest }) });
  const fetchModel = async (url: URL | string, init: ModelRequestInit = {}): Promise<ModelResponse> => await send({ dispatcher, longest }, new URL(url), init, headers());
  return { fetch: fetchModel as unknown as typeof fetch, close: () => dispatcher.destroy() };
}

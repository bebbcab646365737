import { Agent, fetch as undiciFetch, request as undiciRequest, type RequestInit } from 'undici';
import { EgressRefused } from './egress-refused.ts';
import { guardedConnector, resolveBySystem, type ResolveHost } from './guarded-connector.ts';
import { parseIp } from './ip-address.ts';
import { dialRefusal, refusal, type EgressPolicy } from './policy.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where this request may go. */
  readonly egress: EgressPolicy;
}

export interface HttpResponse {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up the rest of the body and frees the connection. */
  readonly discard: () => Promise<void>;
}

/** The one way of tools to the network. Follows no redirect. */
export interface HttpTransport {
  /** Throws EgressRefused for what the request's policy does not allow; then nothing was sent. */
  readonly send: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;
  /** The same for clients that bring their own idea of a request; a redirect is an error. */
  readonly fetcher: (egress: EgressPolicy) => typeof fetch;
  readonly close: () => Promise<void>;
}

export interface HttpTransportOptions {
  readonly resolveHost?: ResolveHost;
}

const connectTimeoutMilliseconds = 5_000;
const connectionsPerHost = 256;

/** Bytes of an unwanted body that are read to keep the connection; more than that closes it. */
const discardBytes = 16_384;

/** Throws EgressRefused. A literal address is never looked up, so it is checked here. */
function assertAllowed(url: URL, egress: EgressPolicy): void {
  const refused = refusal(url, egress) ?? (parseIp(url.hostname) === undefined ? undefined : dialRefusal(url.hostname, url.hostname, egress));
  if (refused !== undefined) throw new EgressRefused(refused);
}

/** Connections are kept apart by the networks they may lead to: a kept connection was checked under the same rule. */
function createDispatchers(resolveHost: ResolveHost): { readonly of: (egress: EgressPolicy) => Agent; readonly close: () => Promise<void> } {
  const agents = new Map<string, Agent>();
  const of = (policy: EgressPolicy): Agent => {
    const key = (policy.allowedNetworks ?? []).toSorted().join(' ');
    const known = agents.get(key);
    if (known !== undefined) return known;
    // Times are limited by the caller's signal, so undici's own are off.
    const agent = new Agent({ connect: guardedConnector({ policy, resolveHost, connectTimeoutMilliseconds }), connections: connectionsPerHost, headersTimeout: 0, bodyTimeout: 0 });
    agents.set(key, agent);
    return agent;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...agents.values()].map((agent) => agent.destroy()));
  };
  return { of, close };
}

export function createHttpTransport({ resolveHost = resolveBySystem }: HttpTransportOptions = {}): HttpTransport {
  const dispatchers = createDispatchers(resolveHost);
  return {
    send: async ({ url, method, headers, body, egress }, signal) => {
      assertAllowed(url, egress);
      const response = await undiciRequest(url, { dispatcher: dispatchers.of(egress), method, headers, body: body ?? null, signal });
      return {
        status: response.statusCode,
        header: (name) => {
          const value = response.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        body: response.body,
        discard: () => response.body.dump({ limit: discardBytes, signal }),
      };
    },
    fetcher: (egress) => {
      const guarded = async (input: URL | string, init: RequestInit = {}) => {
        const url = new URL(input);
        assertAllowed(url, egress);
        return await undiciFetch(url, { ...init, redirect: 'error', dispatcher: dispatchers.of(egress) });
      };
      return guarded as unknown as typeof fetch;
    },
    close: dispatchers.close,
  };
}

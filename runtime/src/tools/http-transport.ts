import { Agent, request as undiciRequest } from 'undici';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up the rest of the body and frees the connection. */
  readonly discard: () => Promise<void>;
}

/** Sends one request and follows no redirect. */
export interface HttpTransport {
  readonly send: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;
  readonly close: () => Promise<void>;
}

const connectTimeoutMilliseconds = 5_000;
const connectionsPerHost = 256;

/** Bytes of an unwanted body that are read to keep the connection; more than that closes it. */
const discardBytes = 16_384;

export function createHttpTransport(): HttpTransport {
  // Times are limited by the caller's signal, so undici's own are off.
  const dispatcher = new Agent({ connect: { timeout: connectTimeoutMilliseconds }, connections: connectionsPerHost, headersTimeout: 0, bodyTimeout: 0 });
  return {
    send: async (request, signal) => {
      const response = await undiciRequest(request.url, {
        dispatcher,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        signal,
      });
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
    close: () => dispatcher.destroy(),
  };
}

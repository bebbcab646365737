import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { DatedAnswer } from '../clock-server.ts';
import type { ClusterConnection, Credential } from '../config/connection.ts';
import type { KubeMetrics } from '../metrics/kube-metrics.ts';
import { ConnectionPool, type Protocol } from './connection-pool.ts';
import { requestHeaders } from './headers.ts';
import { type ByteStream, queryString, type TransportRequest } from './request.ts';

export interface ExchangeOptions {
  readonly connection: ClusterConnection;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
  readonly userAgent: string;
  readonly protocol: Protocol;
  readonly onAnswer?: ((answer: DatedAnswer) => void) | undefined;
}

export interface Sending {
  readonly request: TransportRequest;
  readonly credential: Credential;
  readonly signal: AbortSignal;
  /** For the answer's headers. */
  readonly timeoutMs: number;
}

export interface Answered {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  text(): Promise<string>;
  readonly stream: ByteStream;
}

/** One request and its answer over the pool, measured. Throws what the network throws; an error status is an answer like any other. */
export class Exchange {
  readonly host: string;
  readonly #options: ExchangeOptions;
  readonly #base: URL;
  readonly #pool: ConnectionPool;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#base = new URL(options.connection.server);
    this.host = this.#base.host;
    this.#pool = new ConnectionPool({ protocol: options.protocol, proxy: options.connection.proxy });
  }

  async send({ request, credential, signal, timeoutMs }: Sending): Promise<Answered> {
    const { connection, clock, metrics, userAgent, onAnswer } = this.#options;
    const trust = await abortable(connection.trust(), signal);
    const agent = this.#pool.agent({ trust, certificate: credential.certificate });
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    askBeforeSend(request);
    const started = clock.monotonic();
    let code = 0;
    try {
      const response = await agent.request({
        origin: this.#base.origin, path: this.#base.pathname.replace(/\/$/, '') + request.path + queryString(request.query), method: request.method,
        headers: requestHeaders(request, { credential, userAgent, impersonate: connection.impersonate }), body, signal,
        // 0 would switch undici's limit off; bodies are bounded by the deadline or, for a watch, by who reads it.
        headersTimeout: Math.max(1, Math.ceil(timeoutMs)), bodyTimeout: 0,
      });
      code = response.statusCode;
      onAnswer?.({ date: dateOf(response), sentAt: started, receivedAt: clock.monotonic() });
      return this.#answered(request, response);
    } finally {
      metrics.requestDone({
        method: request.method, host: this.host, code: code === 0 ? '<error>' : String(code), seconds: (clock.monotonic() - started) / 1000,
        requestBytes: body === null ? 0 : Buffer.byteLength(body),
      });
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #answered(request: TransportRequest, response: Dispatcher.ResponseData): Answered {
    const { metrics } = this.#options;
    return {
      code: response.statusCode,
      headers: response.headers,
      stream: response.body,
      text: async () => {
        const bytes = Buffer.from(await response.body.arrayBuffer());
        metrics.responseRead({ method: request.method, host: this.host, bytes: bytes.length });
        return bytes.toString('utf8');
      },
    };
  }
}

function dateOf({ headers: { date } }: Dispatcher.ResponseData): string | undefined {
  return typeof date === 'string' ? date : undefined;
}

/** Carries what `beforeSend` threw past the handling of network faults. */
export class SendRefused extends Error {}

function askBeforeSend(request: TransportRequest): void {
  try {
    request.beforeSend?.();
  } catch (error) {
    throw new SendRefused('refused before sending', { cause: error });
  }
}

/** Waits for `work` no longer than `signal` allows; the work itself goes on, as others may share it. */
export function abortable<R>(work: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Followed even when nobody waits any more: a rejection that nobody handles would end the process.
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

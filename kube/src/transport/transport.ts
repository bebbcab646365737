import type { Dispatcher } from 'undici';
import { Backoff } from '../backoff.ts';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { ClusterConnection, Credential } from '../config/connection.ts';
import { KubeError } from '../kube-error.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { systemRandom } from '../random-system.ts';
import type { Random } from '../random.ts';
import { AgentPool } from './agent-pool.ts';
import { type Deadline, startDeadline } from '../deadline.ts';
import { mayRetry, retryDelayMs } from './retry.ts';
import { statusError } from './status-error.ts';

const DEFAULT_DEADLINE_MS = 30_000;
/** Bounds the sockets a burst of calls opens; further calls wait for one. */
const MAX_CALL_CONNECTIONS = 32;

export interface TransportOptions {
  readonly connection: ClusterConnection;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly metrics?: KubeMetrics;
  readonly userAgent?: string;
  /** Milliseconds for a call that sets no deadline; default 30 000. */
  readonly defaultDeadlineMs?: number;
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Whether sending it twice does the same as once; default: GET, PUT and DELETE. */
  readonly repeat?: 'idempotent' | 'once';
  /** Runs right before each sending, retries included; what it throws ends the request and is thrown as it is. */
  readonly beforeSend?: (() => void) | undefined;
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

/** A body read as it comes. Leaving the iteration, or aborting the request's signal, closes its connection. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** HTTP to one API server: credentials, pooled connections, deadlines, retries that are safe, errors as KubeError. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #metrics: KubeMetrics;
  readonly #host: string;
  readonly #calls = new AgentPool({ connections: MAX_CALL_CONNECTIONS });
  readonly #streams = new AgentPool({ connections: null });
  #closed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#metrics = options.metrics ?? new KubeMetrics();
    this.#host = new URL(options.connection.server).host;
  }

  /** The answer's JSON (undefined when empty). Throws KubeError. */
  async json(request: TransportRequest): Promise<unknown> {
    const text = await this.text(request);
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new KubeError({ ...at(request), code: 0, reason: 'Malformed', message: `the answer to ${request.method} ${request.path} is not JSON`, cause: error });
    }
  }

  /** The answer's body. Throws KubeError. */
  text(request: TransportRequest): Promise<string> {
    return this.#withDeadline(request, (deadline) => this.#withRetries(request, deadline, async (attempt) => {
      const response = await this.#send(request, this.#calls, deadline.signal, attempt.credential, deadline.remainingMs());
      const body = await response.body.text();
      this.#check(request, response, body, attempt.credential);
      return body;
    }));
  }

  /** Opens a stream; the deadline covers the time until the headers are there. Throws KubeError. */
  stream(request: TransportRequest): Promise<ByteStream> {
    return this.#withDeadline(request, (deadline) => this.#withRetries(request, deadline, async (attempt) => {
      const opening = new AbortController();
      const giveUp = () => opening.abort(deadline.signal.reason);
      deadline.signal.addEventListener('abort', giveUp, { once: true });
      try {
        // undici keeps the signal for the body too, so it is the caller's own; only the opening is raced with the deadline.
        const response = await this.#send(request, this.#streams, AbortSignal.any([request.signal, opening.signal]), attempt.credential, deadline.remainingMs());
        if (response.statusCode >= 300) this.#check(request, response, await response.body.text(), attempt.credential);
        return response.body as ByteStream;
      } finally {
        deadline.signal.removeEventListener('abort', giveUp);
      }
    }));
  }

  /** Ends all connections; calls under way fail, later ones are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#calls.close(), this.#streams.close()]);
  }

  async #withDeadline<R>(request: TransportRequest, run: (deadline: Deadline) => Promise<R>): Promise<R> {
    const ms = request.deadlineMs ?? this.#options.defaultDeadlineMs ?? DEFAULT_DEADLINE_MS;
    const deadline = startDeadline(this.#clock, request.signal, ms);
    try {
      return await run(deadline);
    } catch (error) {
      if (error instanceof SendRefused) throw error.cause;
      throw this.#normalise(error, request, deadline, ms);
    } finally {
      deadline.clear();
    }
  }

  async #withRetries<R>(request: TransportRequest, deadline: Deadline, send: (attempt: { credential: Credential }) => Promise<R>): Promise<R> {
    const backoff = new Backoff({ baseMs: 100, maxMs: 5_000, random: this.#random });
    let credential: Credential | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        credential = await abortable(this.#options.connection.credentials.current({ signal: deadline.signal }), deadline.signal);
        return await send({ credential });
      } catch (error) {
        if (error instanceof SendRefused) throw error;
        const failure = this.#normalise(error, request, deadline, 0);
        if (failure.code === 401 && credential) this.#options.connection.credentials.rejected(credential);
        const delay = mayRetry(failure, request, attempt) ? retryDelayMs(failure, backoff) : undefined;
        if (delay === undefined || delay >= deadline.remainingMs() || this.#closed) throw error;
        this.#metrics.requestRetried({ method: request.method, host: this.#host, code: codeLabel(failure.code) });
        await this.#clock.sleep(delay, { signal: deadline.signal });
      }
    }
  }

  async #send(request: TransportRequest, pool: AgentPool, signal: AbortSignal, credential: Credential, timeoutMs: number): Promise<Dispatcher.ResponseData> {
    if (this.#closed) throw new KubeError({ ...at(request), code: 0, reason: 'Cancelled', message: `${request.method} ${request.path}: the transport is closed` });
    const trust = await abortable(this.#options.connection.trust(), signal);
    const agent = pool.agent(trust, credential.certificate);
    const url = new URL(this.#options.connection.server + request.path);
    askBeforeSend(request);
    const started = this.#clock.monotonic();
    let code = 0;
    try {
      const response = await agent.request({
        origin: url.origin, path: url.pathname + queryString(request.query), method: request.method, headers: this.#headers(request, credential),
        body: request.body === undefined ? null : JSON.stringify(request.body), signal,
        // 0 would switch undici's limit off; bodies are bounded by the deadline or, for a watch, by who reads it.
        headersTimeout: Math.max(1, Math.ceil(timeoutMs)), bodyTimeout: 0,
      });
      code = response.statusCode;
      return response;
    } finally {
      const seconds = (this.#clock.monotonic() - started) / 1000;
      this.#metrics.requestDone({ method: request.method, host: this.#host, code: codeLabel(code), seconds });
    }
  }

  #headers(request: TransportRequest, credential: Credential): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': this.#options.userAgent ?? 'typescript-kube',
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }),
    };
  }

  #check(request: TransportRequest, response: Dispatcher.ResponseData, body: string, credential: Credential): void {
    if (response.statusCode < 300) return;
    const retryAfter = response.headers['retry-after'];
    throw statusError({
      ...at(request), code: response.statusCode, body, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      nowMs: this.#clock.now(), secrets: credential.authorization === undefined ? [] : [credential.authorization.replace(/^\w+ /, '')],
    });
  }

  #normalise(error: unknown, request: TransportRequest, deadline: Deadline, ms: number): KubeError {
    if (error instanceof KubeError) return error;
    const call = `${request.method} ${request.path}`;
    if (request.signal.aborted) return new KubeError({ ...at(request), code: 0, reason: 'Cancelled', message: `${call} was cancelled`, cause: error });
    if (deadline.expired()) return new KubeError({ ...at(request), code: 0, reason: 'Timeout', message: `${call} got no answer within ${ms} ms`, cause: error });
    const why = error instanceof Error ? error.message || error.name : String(error);
    return new KubeError({ ...at(request), code: 0, reason: 'Network', message: `${call} failed: ${why} (${this.#host})`, cause: error });
  }
}

/** Carries what `beforeSend` threw past the handling of network faults. */
class SendRefused extends Error {}

function askBeforeSend(request: TransportRequest): void {
  try {
    request.beforeSend?.();
  } catch (error) {
    throw new SendRefused('refused before sending', { cause: error });
  }
}

function at(request: TransportRequest): { method: string; path: string } {
  return { method: request.method, path: request.path };
}

function codeLabel(code: number): string {
  return code === 0 ? '<error>' : String(code);
}

function queryString(query: TransportRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined && value !== '') parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Waits for work that is shared with other callers without binding it to one caller's signal. */
function abortable<R>(work: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

import { Backoff } from '../backoff.ts';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { DatedAnswer } from '../clock-server.ts';
import type { ClusterConnection, Credential } from '../config/connection.ts';
import { type Deadline, startDeadline } from '../deadline.ts';
import { KubeError } from '../kube-error.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { systemRandom } from '../random-system.ts';
import type { Random } from '../random.ts';
import { CallGate } from './call-gate.ts';
import type { Protocol } from './connection-pool.ts';
import { abortable, type Answered, Exchange, SendRefused } from './exchange.ts';
import { type FailureContext, failureOf, streamFailure } from './failure.ts';
import { type RateLimit, RateLimiter } from './rate-limiter.ts';
import { Redactor, secretsOf, secretsOfUrl } from './redaction.ts';
import { at, type ByteStream, type TransportRequest } from './request.ts';
import { mayRetry, retryDelayMs } from './retry.ts';
import { statusError } from './status-error.ts';

export type { ByteStream, TransportRequest } from './request.ts';

const DEFAULT_DEADLINE_MS = 30_000;
const DEFAULT_CONCURRENT_CALLS = 32;

export interface TransportOptions {
  readonly connection: ClusterConnection;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly metrics?: KubeMetrics;
  readonly userAgent?: string;
  /** Milliseconds for a call that sets no deadline; default 30 000. */
  readonly defaultDeadlineMs?: number;
  /** Calls on the wire at once, and so the connections that they open; further calls wait in order. Watches and urgent calls do not count. Default 32. */
  readonly maxConcurrentCalls?: number;
  /** Default: none, as the API server's priority and fairness shares itself out; its 429 is always waited for. */
  readonly rateLimit?: RateLimit;
  /** Default 'http1': a stalled connection then hurts one call or watch instead of all (docs/decisions/0013 in the Sluice repository). */
  readonly protocol?: Protocol;
  /** Told when the headers of an answer are there, whatever its status, by the monotonic clock of `clock`: for a ServerClock. */
  readonly onAnswer?: (answer: DatedAnswer) => void;
}

/** Makes one attempt; retried ones get the credential of their time. */
type Attempt<R> = (credential: Credential, redactor: Redactor) => Promise<R>;

/** HTTP to one API server: credentials, pooled connections, deadlines, retries that are safe, errors as KubeError. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #metrics: KubeMetrics;
  readonly #exchange: Exchange;
  readonly #gate: CallGate;
  readonly #rateLimiter: RateLimiter | undefined;
  readonly #closing = new AbortController();
  readonly #stopProbe: () => void;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#metrics = options.metrics ?? new KubeMetrics();
    this.#gate = new CallGate(options.maxConcurrentCalls ?? DEFAULT_CONCURRENT_CALLS);
    this.#rateLimiter = options.rateLimit && new RateLimiter(options.rateLimit, this.#clock);
    this.#exchange = new Exchange({
      connection: options.connection, clock: this.#clock, metrics: this.#metrics,
      userAgent: options.userAgent ?? 'typescript-kube', protocol: options.protocol ?? 'http1', onAnswer: options.onAnswer,
    });
    this.#stopProbe = this.#metrics.onCollect(() => this.#metrics.callsWaiting(this.#exchange.host, this.#gate.waiting));
  }

  /** The answer's JSON (undefined when empty). Throws KubeError. */
  async json(request: TransportRequest): Promise<unknown> {
    const text = await this.text(request);
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch {
      // No cause: the parser's message quotes the answer, which may repeat a credential.
      throw new KubeError({ ...at(request), code: 0, reason: 'Malformed', message: `the answer to ${request.method} ${request.path} is not JSON` });
    }
  }

  /** The answer's body. Throws KubeError. */
  text(request: TransportRequest): Promise<string> {
    return this.#withDeadline(request, (deadline) => this.#withRetries(request, deadline, async (credential, redactor) => {
      const leave = request.urgency === 'urgent' ? () => {} : await this.#gate.enter(deadline.signal);
      try {
        const { signal } = deadline;
        // Not left to undici alone: over HTTP/2 a call may outlive its signal after a GOAWAY (docs/decisions/0013).
        const answered = await abortable(this.#exchange.send({ request, credential, signal, timeoutMs: deadline.remainingMs() }), signal);
        const body = await abortable(answered.text(), signal);
        if (answered.code >= 300) throw this.#refusal(request, answered, body, redactor);
        return body;
      } finally {
        // A turn later, when the connection is idle: the next in line then takes it over instead of opening another.
        setImmediate(leave);
      }
    }));
  }

  /** Opens a stream; the deadline covers the time until the headers are there. Throws KubeError, and so does reading it. */
  stream(request: TransportRequest): Promise<ByteStream> {
    return this.#withDeadline(request, (deadline) => this.#withRetries(request, deadline, async (credential, redactor) => {
      const opening = new AbortController();
      const giveUp = () => opening.abort(deadline.signal.reason);
      deadline.signal.addEventListener('abort', giveUp, { once: true });
      try {
        // undici keeps the signal for the body too, so it is the caller's own; only the opening is raced with the deadline.
        const signal = AbortSignal.any([request.signal, opening.signal]);
        const answered = await this.#exchange.send({ request, credential, signal, timeoutMs: deadline.remainingMs() });
        if (answered.code >= 300) throw this.#refusal(request, answered, await answered.text(), redactor);
        return described(answered.stream, redactor, (error) => streamFailure(error, { request, closing: this.#closing.signal, host: this.#exchange.host, redactor }));
      } finally {
        deadline.signal.removeEventListener('abort', giveUp);
      }
    }));
  }

  /** Ends all connections; calls under way fail, later ones are refused. */
  async close(): Promise<void> {
    this.#stopProbe();
    this.#closing.abort(new Error('the transport was closed'));
    await this.#exchange.close();
  }

  async #withDeadline<R>(request: TransportRequest, run: (deadline: Deadline) => Promise<R>): Promise<R> {
    const deadline = startDeadline(this.#clock, [request.signal, this.#closing.signal], this.#deadlineMs(request));
    try {
      return await run(deadline);
    } catch (error) {
      if (error instanceof SendRefused) throw error.cause;
      throw error;
    } finally {
      deadline.clear();
    }
  }

  async #withRetries<R>(request: TransportRequest, deadline: Deadline, attempt: Attempt<R>): Promise<R> {
    const backoff = new Backoff({ baseMs: 100, maxMs: 5_000, random: this.#random });
    for (let attempts = 1; ; attempts++) {
      let credential: Credential | undefined;
      try {
        this.#refuseWhenClosed(request);
        await this.#takeTurn(request, deadline);
        credential = await abortable(this.#options.connection.credentials.current({ signal: deadline.signal }), deadline.signal);
        return await attempt(credential, this.#redactor(credential));
      } catch (error) {
        if (error instanceof SendRefused) throw error;
        const failure = failureOf(error, this.#context(request, deadline, credential));
        if (failure.code === 401 && credential) this.#options.connection.credentials.rejected(credential);
        const delay = mayRetry(failure, request, attempts) ? retryDelayMs(failure, backoff, this.#random) : undefined;
        if (delay === undefined || delay >= deadline.remainingMs() || this.#closing.signal.aborted) throw failure;
        this.#metrics.requestRetried({ method: request.method, host: this.#exchange.host, code: failure.code === 0 ? '<error>' : String(failure.code) });
        await this.#pause(delay, request, deadline);
      }
    }
  }

  async #pause(ms: number, request: TransportRequest, deadline: Deadline): Promise<void> {
    try {
      await this.#clock.sleep(ms, { signal: deadline.signal });
    } catch (error) {
      throw failureOf(error, this.#context(request, deadline, undefined));
    }
  }

  async #takeTurn(request: TransportRequest, deadline: Deadline): Promise<void> {
    if (this.#rateLimiter === undefined || request.urgency === 'urgent') return;
    const from = this.#clock.monotonic();
    await this.#rateLimiter.take({ signal: deadline.signal, remainingMs: deadline.remainingMs() });
    this.#metrics.rateLimited({ method: request.method, host: this.#exchange.host, seconds: (this.#clock.monotonic() - from) / 1000 });
  }

  #refuseWhenClosed(request: TransportRequest): void {
    if (this.#closing.signal.aborted) throw new KubeError({ ...at(request), code: 0, reason: 'Cancelled', message: `${request.method} ${request.path}: the transport is closed` });
  }

  #refusal(request: TransportRequest, { code, headers }: Answered, body: string, redactor: Redactor): KubeError {
    return statusError({ ...at(request), code, body, headers, nowMs: this.#clock.now(), redactor });
  }

  #redactor(credential: Credential | undefined): Redactor {
    const { connection } = this.#options;
    return new Redactor(() => [...(credential ? secretsOf(credential) : []), ...secretsOfUrl(connection.proxy), ...secretsOfUrl(connection.server)]);
  }

  #context(request: TransportRequest, deadline: Deadline, credential: Credential | undefined): FailureContext {
    return { request, closing: this.#closing.signal, deadline, deadlineMs: this.#deadlineMs(request), host: this.#exchange.host, redactor: this.#redactor(credential) };
  }

  #deadlineMs(request: TransportRequest): number {
    return request.deadlineMs ?? this.#options.defaultDeadlineMs ?? DEFAULT_DEADLINE_MS;
  }
}

/** The same bytes; what breaks them is thrown as `failure` makes it. */
function described(stream: ByteStream, redactor: Redactor, failure: (error: unknown) => KubeError): ByteStream {
  return {
    redact: (text) => redactor.text(text),
    [Symbol.asyncIterator]() {
      const reader = stream[Symbol.asyncIterator]();
      return {
        next: () => reader.next().catch((error: unknown) => { throw failure(error); }),
        return: async () => (await reader.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}

import type { Clock } from '@sluice/kube';
import { Agent, type Dispatcher } from 'undici';
import type { Announcement } from './announcements.ts';
import { readAnnouncements, readAnswer, type VectorSample } from './answer.ts';
import { codeOf, readSmallFile, readToken } from './credentials.ts';
import { PrometheusError } from './prometheus-error.ts';

/** How the operator reaches Prometheus, or anything with its HTTP API. */
export interface PrometheusEndpoint {
  /** Base URL: what comes before /api/v1. */
  readonly url: string;
  readonly bearerTokenFile?: string | undefined;
  /** PEM; certificates that the server's must be signed by. Default: those of the system. */
  readonly caFile?: string | undefined;
  /** Milliseconds for one query. */
  readonly timeoutMs: number;
}

export interface PrometheusClientOptions extends PrometheusEndpoint {
  readonly clock: Clock;
  /** Largest answer that is read, in bytes; default 16 MiB. */
  readonly maxBytes?: number;
}

export interface QueryOptions {
  readonly signal: AbortSignal;
  /** Milliseconds: older samples are not taken, where the server knows the parameter. */
  readonly lookbackMs: number;
}

/** A call of the API, without what all calls have in common. */
interface Asked {
  readonly method: 'GET' | 'POST';
  /** Below the base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Connections {
  readonly ca: string | undefined;
  readonly agent: Agent;
}

/** Asks instant queries, and what targets announce. Files are read anew with each, so that what is rotated is used at once. */
export class PrometheusClient {
  readonly #options: Required<Pick<PrometheusClientOptions, 'maxBytes'>> & PrometheusClientOptions;
  #connections: Connections | undefined;

  constructor(options: PrometheusClientOptions) {
    this.#options = { maxBytes: 16 * 1_048_576, ...options };
  }

  /** Throws {@link PrometheusError}, or the signal's reason when it aborts. */
  async query(promql: string, { signal, lookbackMs }: QueryOptions): Promise<VectorSample[]> {
    const { timeoutMs } = this.#options;
    const body = new URLSearchParams({ query: promql, lookback_delta: `${lookbackMs}ms`, timeout: `${timeoutMs}ms` }).toString();
    return await this.#ask({ method: 'POST', path: '/api/v1/query', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }, readAnswer, signal);
  }

  /** What the targets that `selector` selects by their labels announce a metric as, or all of theirs; those that do not are left out. Throws as {@link query} does. */
  async announcements(metric: string | undefined, selector: string, { signal }: Pick<QueryOptions, 'signal'>): Promise<Announcement[]> {
    const asked = new URLSearchParams({ match_target: selector, ...(metric === undefined ? {} : { metric }) }).toString();
    return await this.#ask({ method: 'GET', path: `/api/v1/targets/metadata?${asked}`, headers: {} }, readAnnouncements, signal);
  }

  async close(): Promise<void> {
    await this.#connections?.agent.destroy();
  }

  async #token(): Promise<string | undefined> {
    const { bearerTokenFile } = this.#options;
    return bearerTokenFile === undefined ? undefined : await readToken(bearerTokenFile);
  }

  async #ask<Answer>(asked: Asked, read: (status: number, text: string) => Answer, signal: AbortSignal): Promise<Answer> {
    const { timeoutMs, clock } = this.#options;
    const expiry = new AbortController();
    const timer = clock.setTimer(timeoutMs, () => expiry.abort(new PrometheusError(`no answer within ${timeoutMs} ms`)));
    let token: string | undefined;
    try {
      token = await this.#token();
      const { status, text } = await this.#send(asked, token, AbortSignal.any([signal, expiry.signal]));
      return read(status, text);
    } catch (error) {
      signal.throwIfAborted();
      throw withoutSecret(asPrometheusError(error, expiry.signal), token);
    } finally {
      timer.cancel();
    }
  }

  async #send({ path, headers, ...asked }: Asked, token: string | undefined, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const url = new URL(this.#options.url);
    const dispatcher = await this.#dispatcher();
    const response = await dispatcher.request({
      ...asked,
      origin: url.origin,
      path: `${url.pathname.replace(/\/+$/, '')}${path}`,
      signal,
      headers: { ...headers, accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    });
    return { status: response.statusCode, text: await this.#text(response.body) };
  }

  async #text(body: Dispatcher.ResponseData['body']): Promise<string> {
    const { maxBytes } = this.#options;
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Leaving the loop early destroys the body, and its connection with it.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new PrometheusError(`its answer is larger than ${maxBytes} bytes: write a query that returns fewer series`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  async #dispatcher(): Promise<Agent> {
    const { caFile, timeoutMs } = this.#options;
    const ca = caFile === undefined ? undefined : await readSmallFile('the CA file', caFile);
    const known = this.#connections;
    if (known !== undefined && known.ca === ca) return known.agent;
    const agent = new Agent({ connections: 8, pipelining: 1, keepAliveTimeout: 30_000, connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) } });
    this.#connections = { ca, agent };
    // Queries that run over the old connections end by themselves.
    void known?.agent.close();
    return agent;
  }
}

function asPrometheusError(error: unknown, expired: AbortSignal): PrometheusError {
  if (expired.aborted && expired.reason instanceof PrometheusError) return expired.reason;
  if (error instanceof PrometheusError) return error;
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  const hint = code !== undefined && /CERT|SIGNATURE|ISSUER|TLS|SSL|ALTNAME/.test(code) ? ': check the CA file and the host name in the URL' : '';
  return new PrometheusError(`it could not be reached: ${code ?? 'no reason was given'}${hint}`);
}

/** A server or a proxy may say back what it was sent. */
function withoutSecret(error: PrometheusError, token: string | undefined): PrometheusError {
  if (token === undefined || !error.message.includes(token)) return error;
  return new PrometheusError(error.message.replaceAll(token, '[redacted]'));
}

import { moreResultsPath, resultsPage, type ResultsPage, resultsPath } from '@sluice/evals/results';
import type { Clock } from '@sluice/kube';
import { Agent, type Dispatcher } from 'undici';

/** A pod whose results are asked for. */
export interface ResultsTarget {
  readonly ip: string;
  readonly port: number;
  /** What the pod was told to expect of whoever asks. */
  readonly token: string;
}

export interface ResultsReader {
  /** The results from `from` on; undefined when the pod does not tell them now. Rejects only when `signal` aborts, with its reason. */
  read(target: ResultsTarget, from: number, signal: AbortSignal): Promise<ResultsPage | undefined>;
}

/** Whether a pod has found out more than what is read: `Quiet` where it has not for a while, and where it cannot say. */
export interface ResultsNews {
  /** Never rejects. All before `from` are stored. */
  more(target: ResultsTarget, from: number): Promise<'More' | 'Quiet'>;
}

export interface PodResultsReaderOptions {
  readonly clock: Clock;
  /** Milliseconds for a page; default 2000. */
  readonly timeoutMs?: number;
  /** Milliseconds that a pod is waited for to find out more; default 20 000. */
  readonly patienceMs?: number;
}

/** A page that is larger is none of ours, bytes. */
const maximumPageBytes = 2 * 1_048_576;

/** Asks the pods themselves. */
export class PodResultsReader implements ResultsReader, ResultsNews {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;
  readonly #dispatcher: Agent;
  /** Connections of their own, or a page would wait for what is waited for. Two: the one before may have to hear that it is not needed any more. */
  readonly #waiting: Agent;

  constructor({ clock, timeoutMs = 2000, patienceMs = 20_000 }: PodResultsReaderOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#patienceMs = patienceMs;
    const connect = { timeout: timeoutMs };
    this.#dispatcher = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 30_000, connect });
    this.#waiting = new Agent({ connections: 2, pipelining: 1, keepAliveTimeout: 30_000, connect });
  }

  async read(target: ResultsTarget, from: number, signal: AbortSignal): Promise<ResultsPage | undefined> {
    const expiry = new AbortController();
    const timer = this.#clock.setTimer(this.#timeoutMs, () => expiry.abort(new Error(`no results within ${this.#timeoutMs} ms`)));
    try {
      return resultsPage.safeParse(JSON.parse(await this.#text(target, from, AbortSignal.any([signal, expiry.signal])))).data;
    } catch {
      // A pod that starts, ends or is cut off has nothing to say; what it says next is read then.
      signal.throwIfAborted();
      return undefined;
    } finally {
      timer.cancel();
    }
  }

  async more(target: ResultsTarget, from: number): Promise<'More' | 'Quiet'> {
    const expiry = new AbortController();
    const timer = this.#clock.setTimer(this.#patienceMs, () => expiry.abort(new Error(`no more results within ${this.#patienceMs} ms`)));
    try {
      const { statusCode, body } = await this.#waiting.request(requestOf(target, `${moreResultsPath}?from=${from}`, expiry.signal));
      // Without a listener the end of a body that nobody reads would end the operator.
      body.on('error', () => undefined);
      if (statusCode === 204) await body.dump();
      else body.destroy();
      return statusCode === 204 ? 'More' : 'Quiet';
    } catch {
      // An image of before does not know the question; the pod is looked at from time to time all the same.
      return 'Quiet';
    } finally {
      timer.cancel();
    }
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await Promise.all([this.#dispatcher.destroy(), this.#waiting.destroy()]);
  }

  async #text(target: ResultsTarget, from: number, signal: AbortSignal): Promise<string> {
    const { statusCode, body } = await this.#dispatcher.request(requestOf(target, `${resultsPath}?from=${from}`, signal));
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Leaving the loop early destroys the body, and its connection with it.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (statusCode !== 200 || bytes > maximumPageBytes) throw new Error(`no page of results (status ${statusCode}, ${bytes} bytes)`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function requestOf({ ip, port, token }: ResultsTarget, path: string, signal: AbortSignal): Dispatcher.RequestOptions & { readonly origin: string } {
  const origin = ip.includes(':') ? `http://[${ip}]:${port}` : `http://${ip}:${port}`;
  return { origin, path, method: 'GET', signal, headers: { accept: 'application/json', authorization: `Bearer ${token}` } };
}

import { resultsPage, type ResultsPage, resultsPath } from '@sluice/evals/results';
import type { Clock } from '@sluice/kube';
import { Agent } from 'undici';

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

export interface PodResultsReaderOptions {
  readonly clock: Clock;
  /** Milliseconds for a page; default 2000. */
  readonly timeoutMs?: number;
}

/** A page that is larger is none of ours, bytes. */
const maximumPageBytes = 2 * 1_048_576;

/** Asks the pods themselves. */
export class PodResultsReader implements ResultsReader {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #dispatcher: Agent;

  constructor({ clock, timeoutMs = 2000 }: PodResultsReaderOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#dispatcher = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 30_000, connect: { timeout: timeoutMs } });
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

  /** Gives up all connections. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #text({ ip, port, token }: ResultsTarget, from: number, signal: AbortSignal): Promise<string> {
    const origin = ip.includes(':') ? `http://[${ip}]:${port}` : `http://${ip}:${port}`;
    const { statusCode, body } = await this.#dispatcher.request({ origin, path: `${resultsPath}?from=${from}`, method: 'GET', signal, headers: { accept: 'application/json', authorization: `Bearer ${token}` } });
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

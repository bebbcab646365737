import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { keptLine, moreResultsPath, type Progress, type ResultsPage, resultsPath, resultsPerPage, type SampleResult, type Trial, trialLine } from '@sluice/evals';
import { ConfigError } from '../config/config-error.ts';
import type { Clock } from '../platform/clock.ts';

export interface ResultsServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whoever asks must know it: to ask says that earlier results are kept. */
  readonly token: string;
  readonly clock: Clock;
}

/** Callers who wait for more at a time: of one who asks again, the connection before may not have broken down yet. */
const mostWaiting = 4;

/**
 * Tells the results of a run as they come. The pod of a run may write to no API, so the operator asks it; what the operator has kept is
 * never asked again when another pod takes over. Whoever waits for more is answered at once when there is more.
 */
export interface ResultsServer {
  readonly port: number;
  readonly add: (result: SampleResult) => void;
  /** What the judge says of an example goes the same way. */
  readonly addTrial: (trial: Trial) => void;
  readonly progress: (progress: Progress) => void;
  /** Waits until all results are kept somewhere else, `milliseconds` at most. */
  readonly handOver: (state: 'Finished' | 'Stopped', milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Listens. Throws ConfigError when it cannot. */
export async function openResultsServer(options: ResultsServerOptions): Promise<ResultsServer> {
  const results = new Results(options.token);
  const server = createServer((request, response) => results.answer(request, response));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new ConfigError([{ field: 'SLUICE_EVAL_RESULTS_PORT', value: String(options.port), problem: 'cannot be listened on', fix: 'Set it to a free port' }], { cause })));
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    add: (result) => results.add(keptLine(result)),
    addTrial: (trial) => results.add(trialLine(trial)),
    progress: (progress) => results.tell(progress),
    handOver: (state, milliseconds) => results.handOver(state, options.clock, milliseconds),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Waiting {
  readonly from: number;
  readonly response: ServerResponse;
}

class Results {
  readonly #token: Buffer;
  readonly #lines: string[] = [];
  /** In the order in which they asked. */
  readonly #waiting = new Set<Waiting>();
  #progress: Progress | undefined;
  #state: ResultsPage['state'] = 'Running';
  #allKept: () => void = () => undefined;

  constructor(token: string) {
    this.#token = Buffer.from(`Bearer ${token}`);
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#tellWaiting();
  }

  tell(progress: Progress): void {
    this.#progress = progress;
  }

  async handOver(state: 'Finished' | 'Stopped', clock: Clock, milliseconds: number): Promise<void> {
    this.#state = state;
    this.#tellWaiting();
    const timer = { cancel: (): void => undefined };
    await new Promise<void>((resolve) => {
      this.#allKept = resolve;
      timer.cancel = clock.after(milliseconds, resolve);
    });
    timer.cancel();
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    // Whoever reaches the port may ask for "//", which is no address: thrown here it would end the run.
    const path = request.url ?? '/';
    const url = new URL(URL.canParse(path, 'http://pod') ? path : '/', 'http://pod');
    const from = /^\d{1,9}$/.test(url.searchParams.get('from') ?? '') ? Number(url.searchParams.get('from')) : undefined;
    if (request.method !== 'GET' || (url.pathname !== resultsPath && url.pathname !== moreResultsPath) || from === undefined) return end(response, 404);
    if (!this.#isKnown(request.headers.authorization ?? '')) return end(response, 401);
    if (url.pathname === moreResultsPath) return this.#wait({ from, response });
    response.once('finish', () => {
      if (this.#state !== 'Running' && from >= this.#lines.length) this.#allKept();
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#page(from)));
  }

  #wait(waiting: Waiting): void {
    if (this.#hasMore(waiting)) return end(waiting.response, 204);
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#waiting.size === mostWaiting) {
      this.#waiting.delete(oldest);
      end(oldest.response, 503);
    }
    this.#waiting.add(waiting);
    waiting.response.once('close', () => this.#waiting.delete(waiting));
  }

  #tellWaiting(): void {
    for (const waiting of [...this.#waiting].filter((each) => this.#hasMore(each))) {
      this.#waiting.delete(waiting);
      end(waiting.response, 204);
    }
  }

  #hasMore({ from }: Waiting): boolean {
    return this.#state !== 'Running' || this.#lines.length > from;
  }

  #page(from: number): ResultsPage {
    const results = this.#lines.slice(from, from + resultsPerPage);
    return { state: this.#state, results, next: from + results.length, count: this.#lines.length, ...(this.#progress === undefined ? {} : { progress: this.#progress }) };
  }

  #isKnown(authorization: string): boolean {
    const given = Buffer.from(authorization);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }
}

function end(response: ServerResponse, status: 204 | 401 | 404 | 503): void {
  response.writeHead(status).end();
}

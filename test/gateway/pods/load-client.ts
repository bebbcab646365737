import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

/** What was sent so far and how it went. */
export interface LoadSummary {
  readonly requests: number;
  readonly streams: number;
  /** Requests that had no answer below 400, and streams without their last event, by what went wrong. */
  readonly failures: Readonly<Record<string, number>>;
  /** Whole answers by revision. */
  readonly revisions: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

export interface LoadOptions {
  readonly url: string;
  /** Requests that are on their way at once. */
  readonly concurrency: number;
  /** Streams that are open at once, each followed by the next. */
  readonly streams: number;
  /** Of requests; streams go on until the load is stopped. Absent: requests too go on until then. */
  readonly requests?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Path of a stream, with its query. */
  readonly streamPath?: string;
  readonly method?: 'GET' | 'POST';
}

export interface Load {
  readonly summary: () => LoadSummary;
  /** Resolves when `requests` are answered; streams are not waited for. */
  readonly answered: Promise<void>;
  /** Sends no more, and waits for what is on its way. */
  stop(): Promise<LoadSummary>;
}

const TIMEOUT_MS = 30_000;
/** By a server-sent event stream of the agent runtime, of the echo server, and of an OpenAI-compatible API. */
const LAST_EVENT = /^(event: (end|done|completed|message_stop)|data: \[DONE\])/mu;

/** Closed-loop load over connections that are kept: each answer is followed by the next request. */
export function startLoad(options: LoadOptions): Load {
  const agent = new Agent({ keepAlive: true });
  const failures: Record<string, number> = {};
  const revisions: Record<string, number> = {};
  const counts = { requests: 0, streams: 0, slowestMs: 0 };
  const state = { stopped: false };
  const record = (answer: Answer, kind: 'requests' | 'streams'): void => {
    counts[kind] += 1;
    counts.slowestMs = kind === 'requests' ? Math.max(counts.slowestMs, answer.ms) : counts.slowestMs;
    const tally = answer.failure === undefined ? revisions : failures;
    const key = answer.failure ?? answer.revision;
    tally[key] = (tally[key] ?? 0) + 1;
  };
  const limit = options.requests ?? Infinity;
  let sent = 0;
  const requester = async (): Promise<void> => {
    while (!state.stopped && sent < limit) {
      sent += 1;
      record(await ask(options.url, { ...options, agent, kind: 'request' }), 'requests');
    }
  };
  const streamer = async (): Promise<void> => {
    const url = new URL(options.streamPath ?? '/stream?events=20&every=100', options.url).href;
    while (!state.stopped) record(await ask(url, { ...options, agent, kind: 'stream' }), 'streams');
  };
  const answered = Promise.all(Array.from({ length: options.concurrency }, requester)).then(() => undefined);
  const streamed = Promise.all(Array.from({ length: options.streams }, streamer));
  const summary = (): LoadSummary => ({ ...counts, failures: { ...failures }, revisions: { ...revisions } });
  return {
    summary,
    answered,
    stop: async () => {
      state.stopped = true;
      await Promise.all([answered, streamed]);
      agent.destroy();
      return summary();
    },
  };
}

interface Answer {
  readonly revision: string;
  /** What went wrong; undefined for a whole answer. */
  readonly failure: string | undefined;
  readonly ms: number;
}

interface Asking {
  readonly agent: Agent;
  readonly kind: 'request' | 'stream';
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'POST';
}

/** Always resolves, within the deadline. */
async function ask(url: string, { agent, kind, headers, method }: Asking): Promise<Answer> {
  const began = performance.now();
  const finish = (revision: string, failure: string | undefined): Answer => ({ revision, failure, ms: Math.round(performance.now() - began) });
  return new Promise((resolve) => {
    const sending = request(url, { agent, method: method ?? 'GET', headers: headers ?? {}, timeout: TIMEOUT_MS }, (response) => {
      const revision = String(response.headers['x-revision'] ?? response.headers['x-sluice-revision'] ?? 'none');
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('error', (error) => resolve(finish(revision, `${kind} broken off: ${error.message}`)));
      response.once('end', () => {
        const status = response.statusCode ?? 0;
        const bad = status >= 400 ? `${kind} answered ${status}: ${body.slice(0, 80)}` : undefined;
        resolve(finish(revision, bad ?? (kind === 'stream' && !LAST_EVENT.test(body) ? 'stream without its last event' : undefined)));
      });
    });
    sending.once('timeout', () => sending.destroy(new Error(`nothing for ${TIMEOUT_MS / 1000} s`)));
    sending.on('error', (error) => resolve(finish('none', `${kind} failed: ${error.message}`)));
    sending.end();
  });
}

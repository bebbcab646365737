import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was sent so far and how it went. */
export interface LoadSummary {
  readonly requests: number;
  readonly streams: number;
  /** Requests that had no answer below 400, and streams without their last event, by what went wrong. */
  readonly failures: Readonly<Record<string, number>>;
  /** Whole answers by revision. */
  readonly revisions: Readonly<Record<string, number>>;
  /** How often a session's answer came from another revision than the answer before. */
  readonly moves: number;
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
  /** Sent by POST; absent: GET. JSON. */
  readonly body?: string;
  /** Between an answer and the next request, milliseconds; default 0. */
  readonly pauseMs?: number;
}

export interface Load {
  readonly summary: () => LoadSummary;
  /** Resolves when `requests` are answered; streams are not waited for. */
  readonly answered: Promise<void>;
  /** Sends no more, and waits for what is on its way. */
  stop(): Promise<LoadSummary>;
}

const TIMEOUT_MS = 30_000;
/** Of the echo server, and of the agent runtime. */
const LAST_EVENT = /^event: (end|done)$/mu;

/**
 * Closed-loop load over connections that are kept: each answer is followed by the next request. Each requester and each streamer is a
 * session that sends the cookies it was given.
 */
export function startLoad(options: LoadOptions): Load {
  const agent = new Agent({ keepAlive: true });
  const failures: Record<string, number> = {};
  const revisions: Record<string, number> = {};
  const counts = { requests: 0, streams: 0, moves: 0, slowestMs: 0 };
  const state = { stopped: false };
  const record = (answer: Answer, session: Session, kind: Kind): void => {
    counts[kind === 'request' ? 'requests' : 'streams'] += 1;
    if (kind === 'request') counts.slowestMs = Math.max(counts.slowestMs, answer.ms);
    if (session.revision !== undefined && answer.failure === undefined && session.revision !== answer.revision) counts.moves += 1;
    if (answer.failure === undefined) session.revision = answer.revision;
    const tally = answer.failure === undefined ? revisions : failures;
    const key = answer.failure ?? answer.revision;
    tally[key] = (tally[key] ?? 0) + 1;
  };
  const limit = options.requests ?? Infinity;
  let sent = 0;
  const go = async (kind: Kind, url: string): Promise<void> => {
    const session: Session = { cookies: new Map(), revision: undefined };
    const goesOn = (): boolean => !state.stopped && (kind === 'stream' || sent < limit);
    while (goesOn()) {
      if (kind === 'request') sent += 1;
      record(await ask(url, { options, agent, kind, session }), session, kind);
      if (options.pauseMs !== undefined && !state.stopped) await sleep(options.pauseMs);
    }
  };
  const streamUrl = new URL(options.streamPath ?? '/stream?events=20&every=100', options.url).href;
  const answered = Promise.all(Array.from({ length: options.concurrency }, async () => go('request', options.url))).then(() => undefined);
  const streamed = Promise.all(Array.from({ length: options.streams }, async () => go('stream', streamUrl)));
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

type Kind = 'request' | 'stream';

interface Session {
  readonly cookies: Map<string, string>;
  /** That gave the latest answer. */
  revision: string | undefined;
}

interface Answer {
  readonly revision: string;
  /** What went wrong; undefined for a whole answer. */
  readonly failure: string | undefined;
  readonly ms: number;
}

interface Asking {
  readonly options: LoadOptions;
  readonly agent: Agent;
  readonly kind: Kind;
  readonly session: Session;
}

/** Always resolves, within the deadline. */
async function ask(url: string, { options, agent, kind, session }: Asking): Promise<Answer> {
  const began = performance.now();
  const finish = (revision: string, failure: string | undefined): Answer => ({ revision, failure, ms: Math.round(performance.now() - began) });
  const method = options.body === undefined ? 'GET' : 'POST';
  return new Promise((resolve) => {
    const sending = request(url, { agent, method, headers: headersOf(options, kind, session), timeout: TIMEOUT_MS }, (response) => {
      const revision = String(response.headers['x-revision'] ?? response.headers['x-sluice-revision'] ?? 'none');
      for (const cookie of response.headers['set-cookie'] ?? []) keep(cookie, session);
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
    sending.end(options.body);
  });
}

function headersOf({ headers, body }: LoadOptions, kind: Kind, { cookies }: Session): Readonly<Record<string, string>> {
  return {
    ...(cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...(kind === 'stream' ? { accept: 'text/event-stream' } : {}),
    ...headers,
  };
}

function keep(cookie: string, { cookies }: Session): void {
  const [pair = ''] = cookie.split(';');
  const equals = pair.indexOf('=');
  if (equals > 0) cookies.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
}

import { Agent, fetch } from 'undici';
import { momentIn } from './event-loop.ts';

/** Statuses that requests may get, and how many of each; anything else is a failure of the server. */
export interface Answers {
  readonly counts: ReadonlyMap<string, number>;
  /** Requests that were sent, by their numbers. */
  readonly asked: number;
  /** Of these, with an answer that nobody may get, or without one. */
  readonly failed: number;
  /** What was wrong with the first few. */
  readonly wrong: readonly string[];
  /** Milliseconds that the event loop of the server stood still at most. */
  readonly stallMs: number;
}

export interface Asking {
  /** Sends the request of this number; resolves when it was answered or left. */
  readonly send: (index: number) => Promise<void>;
  readonly answers: () => Answers;
  readonly close: () => Promise<void>;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Milliseconds. */
const callLimit = 60_000;
const leaveAfter = 50;
const mostTold = 5;
/** The rest is the provider's fault, the caller's, or that of a server that is busy; a 500 is a fault of ours. */
const allowed = new Set([200, 201, 202, 204, 400, 404, 409, 422, 502, 503, 504]);

/** Requests of all kinds, each several times in twenty, also ones that are refused, repeated or given up. */
export function mixedRequests(url: string): Asking {
  const dispatcher = new Agent({ connections: 64 });
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let asked = 0;
  let failed = 0;
  let stallMs = 0;
  const call = async ({ method = 'POST', path, body, headers = {} }: Call, leave?: AbortSignal): Promise<string> => {
    const signal = leave ?? AbortSignal.timeout(callLimit);
    const sent = `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, '{id}')}`;
    const sentAt = performance.now();
    const answer = await fetch(`${url}${path}`, { dispatcher, method, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }), headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((cause: unknown) => {
        throw new Error(`${sent} after ${(performance.now() - sentAt).toFixed(0)} ms: ${toldOf(cause)}`, { cause });
      });
    const name = `${sent} ${answer.status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (!allowed.has(answer.status)) throw new Error(`${name}: ${answer.text.slice(0, 300)}`);
    return answer.text;
  };
  const question = (index: number) => ({ input: { text: `Where is order ${index}?` } });
  const chat = (index: number, stream: boolean) => ({ model: 'model-1', stream, messages: [{ role: 'user', content: `Where is order ${index}?` }] });
  const inSession = async (index: number): Promise<void> => {
    const { id } = JSON.parse(await call({ path: '/v1/sessions' })) as { readonly id: string };
    await call({ path: '/v1/invoke', body: { ...question(index), session_id: id } });
    await call({ method: 'DELETE', path: `/v1/sessions/${id}` });
  };
  const asJob = async (index: number): Promise<void> => {
    const { id } = JSON.parse(await call({ path: '/v1/jobs', body: { ...question(index), max_attempts: 1 } })) as { readonly id?: string };
    if (id !== undefined) await call({ method: 'GET', path: `/v1/jobs/${id}/events` });
  };
  const left = async (index: number): Promise<void> => {
    const leave = AbortSignal.timeout(leaveAfter);
    await call({ path: '/v1/stream', body: { input: { text: `Please hold the line ${index}.` } } }, leave).catch((error: unknown) => {
      if (!leave.aborted) throw error;
    });
  };
  const metrics = async (): Promise<void> => {
    stallMs = Math.max(stallMs, momentIn(await call({ method: 'GET', path: '/metrics' })).stallMs);
  };
  const kinds: readonly ((index: number) => Promise<unknown>)[] = [
    (index) => call({ path: '/v1/stream', body: question(index) }),
    (index) => call({ path: '/v1/chat/completions', body: chat(index, index % 2 === 0) }),
    (index) => call({ path: '/v1/invoke', body: question(index) }),
    inSession,
    asJob,
    left,
    (index) => call({ path: '/v1/invoke', body: question(index), headers: { 'idempotency-key': `key-${Math.floor(index / 20)}` } }),
    (index) => call({ path: '/v1/invoke', body: { input: { words: index } } }),
    metrics,
    () => call({ method: 'GET', path: '/v1/jobs?limit=5' }),
  ];
  return {
    send: async (index) => {
      const kind = kinds[index % kinds.length];
      asked += 1;
      try {
        await kind?.(index);
      } catch (error) {
        failed += 1;
        if (wrong.length < mostTold) wrong.push(`request ${index}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    answers: () => ({ counts, asked, failed, wrong, stallMs }),
    close: async () => await dispatcher.destroy(),
  };
}

function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

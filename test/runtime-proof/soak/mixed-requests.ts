import { Agent, fetch } from 'undici';

/** Statuses that requests may get, and how many of each; anything else is a failure of the server. */
export interface Answers {
  readonly counts: ReadonlyMap<string, number>;
  /** What nobody may be answered, the first few. */
  readonly wrong: readonly string[];
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
const mostTold = 5;
/** The rest is the provider's fault, the caller's, or that of a server that is busy; a 500 is a fault of ours. */
const allowed = new Set([200, 201, 202, 204, 400, 404, 409, 422, 502, 503, 504]);

/** Requests of all kinds, each several times in twenty, also ones that are refused, repeated or given up. */
export function mixedRequests(url: string): Asking {
  const dispatcher = new Agent({ connections: 64 });
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  const call = async ({ method = 'POST', path, body, headers = {} }: Call, leave?: AbortSignal): Promise<string> => {
    const signal = leave ?? AbortSignal.timeout(callLimit);
    const response = await fetch(`${url}${path}`, { dispatcher, method, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }), headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } });
    const text = await response.text();
    const name = `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, '{id}')} ${response.status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (!allowed.has(response.status) && wrong.length < mostTold) wrong.push(`${name}: ${text.slice(0, 300)}`);
    return text;
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
    await call({ path: '/v1/stream', body: { input: { text: `Please hold the line ${index}.` } } }, AbortSignal.timeout(50)).catch(() => undefined);
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
    () => call({ method: 'GET', path: '/metrics' }),
    () => call({ method: 'GET', path: '/v1/jobs?limit=5' }),
  ];
  return {
    send: async (index) => {
      const kind = kinds[index % kinds.length];
      try {
        await kind?.(index);
      } catch (error) {
        if (wrong.length < mostTold) wrong.push(`request ${index}: ${toldOf(error)}`);
      }
    },
    answers: () => ({ counts, wrong }),
    close: async () => await dispatcher.destroy(),
  };
}

function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

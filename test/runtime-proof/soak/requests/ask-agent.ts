import { Agent, fetch } from 'undici';

/** Requests that were sent and what came of them. */
export interface Answers {
  /** Method, path and status, and how many of each. */
  readonly counts: ReadonlyMap<string, number>;
  /** Requests that were sent, by their numbers. */
  readonly asked: number;
  /** Of these, with an answer that nobody may get, or without one. */
  readonly failed: number;
  /** What was wrong with the first few. */
  readonly wrong: readonly string[];
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks. Default: the user. */
  readonly as?: 'user' | 'approver';
  /** Statuses that it may get. Default: those of a provider that fails, of a caller's mistakes and of a server that is busy. */
  readonly may?: readonly number[];
}

/** Sends one call of the API and reads its answer. Throws Error for one that nobody may get. */
export type AskAgent = (call: Call, leave?: AbortSignal) => Promise<{ readonly status: number; readonly text: string }>;

export interface AgentClient {
  readonly ask: AskAgent;
  readonly counts: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

/** Milliseconds. */
const callLimit = 60_000;
const toldCharacters = 300;
/** A 500 is a fault of ours, and so is a 401 here. */
const usual: readonly number[] = [200, 201, 202, 204, 400, 404, 409, 422, 502, 503, 504];
/** A store of the process itself is never away, and one that is bounded must not be full. */
const refusedForRoom = 'store-unavailable';

function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

export function askAgentAt(url: string, keys: Readonly<Record<'user' | 'approver', string>>): AgentClient {
  const dispatcher = new Agent({ connections: 64 });
  const counts = new Map<string, number>();
  const ask: AskAgent = async ({ method = 'POST', path, body, headers = {}, as = 'user', may = usual }, leave) => {
    const sent = `${method} ${path.replaceAll(/apr_[\w-]+|[0-9a-f-]{36}/g, '{id}')}`;
    const sentAt = performance.now();
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { dispatcher, method, signal: leave ?? AbortSignal.timeout(callLimit), headers: { authorization: `Bearer ${keys[as]}`, ...type, ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((cause: unknown) => {
        throw new Error(`${sent} after ${(performance.now() - sentAt).toFixed(0)} ms: ${toldOf(cause)}`, { cause });
      });
    const name = `${sent} ${answer.status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (!may.includes(answer.status) || answer.text.includes(refusedForRoom)) throw new Error(`${name}: ${answer.text.slice(0, toldCharacters)}`);
    return answer;
  };
  return { ask, counts, close: async () => await dispatcher.destroy() };
}

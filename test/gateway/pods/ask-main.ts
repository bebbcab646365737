import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';

/** One request that the pod is to send. */
export interface Errand {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A file of the pod whose text is sent as the bearer token. */
  readonly tokenFile?: string;
}

/** What came of it; status 0: there was no answer, and the body says why. */
export interface ErrandAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIMEOUT_MS = 25_000;

/** A pod that sends one request when told to, by GET, so that the API server's proxy reaches it: `/ask?errand=JSON`. */
async function send({ url, method, headers, body, tokenFile }: Errand): Promise<ErrandAnswer> {
  try {
    const token = tokenFile === undefined ? {} : { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` };
    const response = await fetch(url, { method, headers: { ...headers, ...token }, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body }) });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  } catch (error) {
    return { status: 0, headers: {}, body: error instanceof Error ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}` : String(error) };
  }
}

async function answer(url: URL, response: ServerResponse): Promise<void> {
  const told = url.pathname === '/ask' ? await send(JSON.parse(url.searchParams.get('errand') ?? '{}') as Errand) : 'ready';
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(told));
}

const server = createServer((request, response) => void answer(new URL(request.url ?? '/', 'http://pod'), response));
server.requestTimeout = 0;
server.listen(8080);
process.once('SIGTERM', () => process.exit(0));

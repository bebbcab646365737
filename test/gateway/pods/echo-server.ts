import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as a pod received it. */
export interface SeenRequest {
  /** Port of the pod that it came in by. */
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface EchoOptions {
  /** What the answers name as the one that answered. */
  readonly revision: string;
  readonly ports: readonly number[];
}

/** The oldest is forgotten first. */
const SEEN_LIMIT = 5_000;
export const REVISION_HEADER = 'x-revision';
/** Where a test reads what the pod received. */
export const SEEN_PATH = '/_seen';

/**
 * Answers every request with what it received. `?hold=MS` delays the answer; `/stream?events=N&every=MS` sends N server-sent events and
 * then `event: end`. Resolves to a function that ends it after the requests in flight.
 */
export async function startEchoServer({ revision, ports }: EchoOptions): Promise<() => Promise<void>> {
  const seen: SeenRequest[] = [];
  const servers = await Promise.all(
    ports.map(async (port) => {
      const server = createServer((request, response) => void answer(request, response, { revision, port, seen }));
      // Longer than any client keeps a connection: a server that closes first can meet a request on its way.
      server.keepAliveTimeout = 120_000;
      await new Promise<void>((resolve) => server.listen(port, resolve));
      return server;
    }),
  );
  return async () => {
    await Promise.all(servers.map(async (server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  };
}

interface Answering {
  readonly revision: string;
  readonly port: number;
  readonly seen: SeenRequest[];
}

async function answer(request: IncomingMessage, response: ServerResponse, { revision, port, seen }: Answering): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://pod');
  if (url.pathname === SEEN_PATH) return sendJson(response, seen);
  if (url.pathname === '/_ready') return sendJson(response, 'ready');
  request.resume();
  const received: SeenRequest = { port, path: request.url ?? '/', headers: request.headers };
  seen.push(received);
  if (seen.length > SEEN_LIMIT) seen.shift();
  response.setHeader(REVISION_HEADER, revision);
  await sleep(Number(url.searchParams.get('hold') ?? 0));
  if (url.pathname === '/stream') return sendEvents(response, Number(url.searchParams.get('events') ?? 10), Number(url.searchParams.get('every') ?? 100));
  sendJson(response, received);
}

async function sendEvents(response: ServerResponse, events: number, everyMs: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let index = 0; index < events; index += 1) {
    response.write(`data: ${index}\n\n`);
    await sleep(everyMs);
  }
  response.end('event: end\ndata: end\n\n');
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

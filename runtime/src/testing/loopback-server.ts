import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a loopback server got. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Resolves when the connection of the response is done with, finished or cut. */
  readonly closed: Promise<unknown>;
}

export type Respond = (exchange: Exchange, response: ServerResponse) => void;

export interface LoopbackServer {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  readonly close: () => Promise<void>;
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A loopback port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real HTTP server on loopback. `responders` answer in order; the last one repeats. */
export async function startLoopbackServer(...responders: readonly Respond[]): Promise<LoopbackServer> {
  const exchanges: Exchange[] = [];
  const server = createServer((request, response) => {
    const closed = once(response, 'close');
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const exchange = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body, closed };
      const respond = responders[Math.min(exchanges.length, responders.length - 1)];
      exchanges.push(exchange);
      respond?.(exchange, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthServerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Why the operator is not `alive`, so that only a restart helps, or not `ready`; empty when it is. Asks nobody. */
  readonly problems: (question: 'alive' | 'ready') => readonly string[];
  /** The metrics page in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

/** /healthz, which an API server that is away leaves alone; /readyz, which waits for the caches; /metrics. */
export class HealthServer {
  readonly #server: Server;
  readonly #options: HealthServerOptions;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.requestTimeout = 10_000;
    this.#server.headersTimeout = 10_000;
  }

  /** Resolves with the port once it listens. Rejects when the address is taken. */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET is served\n');
    if (path === '/healthz') return this.#health(response, 'alive');
    if (path === '/readyz') return this.#health(response, 'ready');
    if (path === '/metrics') return this.#metrics(response);
    send(response, 404, 'there are /healthz, /readyz and /metrics\n');
  }

  #health(response: ServerResponse, question: 'alive' | 'ready'): void {
    const problems = this.#options.problems(question);
    send(response, problems.length === 0 ? 200 : 503, problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`);
  }

  async #metrics(response: ServerResponse): Promise<void> {
    try {
      send(response, 200, await this.#options.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    } catch (error) {
      send(response, 500, `the metrics could not be gathered: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
}

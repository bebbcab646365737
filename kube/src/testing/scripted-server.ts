import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Script = (request: ReceivedRequest, response: ServerResponse) => void;

export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Asks clients for a certificate of this authority. */
  readonly clientAuthority?: string;
}

/** A loopback HTTP(S) server that does what a test tells it, and counts what reaches it. */
export class ScriptedServer {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scheme: string;
  #script: Script = (_request, response) => response.writeHead(500).end('no script');
  #accepted = 0;

  private constructor(tls: ServerTls | undefined) {
    const listener = (message: IncomingMessage, response: ServerResponse) => void this.#receive(message, response);
    const authority = tls?.clientAuthority === undefined ? {} : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true };
    this.#server = tls ? createTlsServer({ cert: tls.cert, key: tls.key, ...authority }, listener) : createServer(listener);
    this.#scheme = tls ? 'https' : 'http';
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
  }

  static async listen(options: { script?: Script; tls?: ServerTls; port?: number } = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(options.tls);
    if (options.script) server.script(options.script);
    await new Promise<void>((resolve) => { server.#server.listen(options.port ?? 0, '127.0.0.1', resolve); });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** Sockets open now, and accepted in all. */
  get sockets(): { open: number; accepted: number } {
    return { open: this.#sockets.size, accepted: this.#accepted };
  }

  script(script: Script): void {
    this.#script = script;
  }

  /** Cuts every connection the hard way, as a dying load balancer does. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #track(socket: Socket): void {
    this.#accepted += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
  }

  async #receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://loopback');
    let body = '';
    for await (const chunk of message) body += String(chunk);
    const request: ReceivedRequest = { method: message.method ?? '', path: url.pathname, query: url.searchParams, headers: message.headers, body };
    this.requests.push(request);
    this.#script(request, response);
  }
}

/** Answers with `body` as JSON, or as it is when it is a text. */
export function answer(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The Status that an API server answers a failure with. */
export function status(code: number, reason: string, message: string, extra: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, ...extra };
}

import { Agent, createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { firstAuthority, firstServer } from '../../../kube/src/testing/certificates.ts';
import { ClientSide } from './client-side.ts';
import { answerFaults, type Fault, type FaultKind, type FaultPlan, isOneOf, noFaults, openingFaults, type RequestFacts } from './fault.ts';
import { faultStatus } from './fault-status.ts';
import { type Answer, passedHeaders, sendAnswer, sendStatus, spoilAnswer } from './relay-answer.ts';
import { relayWatch } from './relay-watch.ts';
import { httpDate } from './wall-clock.ts';
import { forward, type Upstream, wholeBody } from './upstream.ts';

/** A call that went through to the API server, as it answered. */
export interface ForwardedCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly code: number;
}

export interface FaultProxyOptions {
  readonly upstream: Upstream;
  readonly plan?: FaultPlan;
  /** Told of every request that arrives. */
  readonly onRequest?: (request: RequestFacts) => void;
  /** Told of every call (not watch) as the API server answers it, before the client hears of it. */
  readonly onForwarded?: (call: ForwardedCall) => void;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** Stands between a client and an API server on loopback, with a certificate of its own, and does to the traffic what its plan says. */
export class FaultProxy {
  /** Who certifies the proxy. */
  readonly authority = firstAuthority;
  /** How often each fault has struck. */
  readonly struck = new Map<FaultKind, number>();
  readonly #options: FaultProxyOptions;
  readonly #agent: Agent;
  readonly #sockets = new Map<number, Socket>();
  readonly #server: Server;
  #plan: FaultPlan;
  #port = 0;
  #reopen: NodeJS.Timeout | undefined;
  #accepted = 0;
  #watches = 0;
  #closed = false;

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#plan = options.plan ?? noFaults;
    const { certificate, authority } = options.upstream;
    this.#agent = new Agent({ keepAlive: true, ca: authority, cert: certificate.cert, key: certificate.key });
    this.#server = createServer({ cert: firstServer.cert, key: firstServer.key }, (request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Connections of clients: open now, and accepted in all. */
  get sockets(): { open: number; accepted: number } {
    return { open: this.#sockets.size, accepted: this.#accepted };
  }

  /** Watches under way. */
  get watches(): number {
    return this.#watches;
  }

  follow(plan: FaultPlan): void {
    this.#plan = plan;
  }

  /** Breaks every connection there is. */
  resetAll(): void {
    for (const socket of this.#sockets.values()) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#reopen);
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#agent.destroy();
    if (this.#server.listening) await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.removeListener('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #track(socket: Socket): void {
    const port = socket.remotePort ?? 0;
    this.#accepted += 1;
    this.#sockets.set(port, socket);
    socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(port));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const socket = this.#sockets.get(request.socket.remotePort ?? 0);
    if (!socket) return;
    const client = new ClientSide(response, socket);
    response.on('error', () => {});
    const facts = factsOf(request);
    this.#options.onRequest?.(facts);
    try {
      const body = await wholeBody(request);
      const faults = this.#plan.draw(facts);
      const opening = faults.find((fault) => isOneOf(openingFaults, fault.kind));
      if (opening) return this.#refuse(opening, client);
      await (facts.lane === 'watch' ? this.#watch(request, client, faults) : this.#call(request, body, client, faults[0]));
    } catch {
      // The API server cannot be reached: the client sees its connection break.
      client.reset();
    }
  }

  async #watch(request: IncomingMessage, client: ClientSide, faults: readonly Fault[]): Promise<void> {
    const left = new AbortController();
    client.response.once('close', () => left.abort());
    const upstream = await forward(request, Buffer.alloc(0), { ...this.#options.upstream, agent: this.#agent }, left.signal);
    const skew = faults.find((fault) => fault.kind === 'skewed-date');
    if (skew) this.#strike(skew);
    client.response.writeHead(upstream.statusCode ?? 500, { ...passedHeaders(upstream.headers), ...(skew ? { date: this.#skewed(skew) } : {}) }).flushHeaders();
    this.#watches += 1;
    const streamFaults = faults.filter((fault) => fault !== skew);
    await relayWatch({ upstream, client, faults: streamFaults, struck: (fault) => this.#strike(fault) }).finally(() => void (this.#watches -= 1));
  }

  async #call(request: IncomingMessage, body: Buffer, client: ClientSide, fault: Fault | undefined): Promise<void> {
    const upstream = await forward(request, body, { ...this.#options.upstream, agent: this.#agent }, undefined);
    const answer: Answer = { code: upstream.statusCode ?? 500, headers: upstream.headers, body: await wholeBody(upstream) };
    this.#options.onForwarded?.({ method: request.method ?? '', path: request.url ?? '', body: body.toString('utf8'), code: answer.code });
    if (!fault || !isOneOf(answerFaults, fault.kind)) return sendAnswer(answer, client);
    this.#strike(fault);
    await spoilAnswer(fault.kind, answer, client, this.#skewed(fault));
  }

  #refuse(fault: Fault, client: ClientSide): void {
    this.#strike(fault);
    switch (fault.kind) {
      case 'refused':
        this.#refuseFor(fault.amount);
        return client.reset();
      case 'silence':
        return;
      case 'retry-at-once':
        return sendStatus(faultStatus(429, { 'retry-after': '0' }), client);
      case 'retry-later':
        return sendStatus(faultStatus(429, { 'retry-after': '1' }), client);
      case 'gone':
        return sendStatus(faultStatus(410), client);
      case 'error-500':
        return sendStatus(faultStatus(500), client);
      case 'error-504':
        return sendStatus(faultStatus(504), client);
      default:
        return client.reset();
    }
  }

  /** Nobody listens for `ms` milliseconds; connections in use stay. */
  #refuseFor(ms: number): void {
    if (!this.#server.listening || this.#closed) return;
    this.#server.close();
    this.#reopen = setTimeout(() => void this.#listen(), ms);
  }

  #strike(fault: Fault): void {
    this.struck.set(fault.kind, (this.struck.get(fault.kind) ?? 0) + 1);
  }

  #skewed(fault: Fault): string {
    return httpDate(fault.amount * YEAR_MS);
  }
}

/** The lane of a request: what kinds of fault it can meet. */
function factsOf(request: IncomingMessage): RequestFacts {
  const url = new URL(request.url ?? '/', 'https://proxy');
  const method = request.method ?? 'GET';
  const watch = /^(true|1)$/.test(url.searchParams.get('watch') ?? '');
  return { method, path: url.pathname, lane: watch ? 'watch' : method === 'GET' ? 'read' : 'write' };
}


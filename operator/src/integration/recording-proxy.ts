import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ClusterConnection } from '@sluice/kube';
import { type ApiRequest, isWrite, parseApiRequest } from './api-request.ts';

export interface RecordedRequest extends ApiRequest {
  /** HTTP status of the answer; 0 as long as there is none. */
  code: number;
  /** Of a write. */
  readonly body: string;
  readonly userAgent: string;
}

/** A write that its sender has made, but that has not reached the API server. */
export interface HeldWrite {
  readonly arrived: Promise<void>;
  /** Lets it go on. Resolves to the HTTP status of its answer. */
  release(): Promise<number>;
}

/** 'refused': as an API server does that has no streaming lists, so that its clients list page by page. */
export type StreamingLists = 'passed' | 'refused';

/** Where a life ends at a write: it is lost on its way, or it is made and its answer is lost. 'passes': it goes on. */
export type Fate = 'before' | 'after' | 'passes';

export interface RecordingProxyOptions {
  readonly streamingLists: StreamingLists;
  /** Of the one whose requests these are, where its client sends none over plain HTTP (client-go does not). Default: what it sends. */
  readonly authorization?: string;
}

interface Hold {
  readonly resource: string;
  readonly arrived: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
  readonly answered: PromiseWithResolvers<number>;
}

/** Stands between one operator and the API server: remembers every request, can hold a write, and can cut the connection after one. */
export class RecordingProxy {
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #streamingLists: StreamingLists;
  readonly #authorization: Readonly<Record<string, string>>;
  readonly #requests: RecordedRequest[] = [];
  #writesLeft = Infinity;
  #fateOf: ((write: RecordedRequest) => Fate) | undefined;
  /** Ends when no write is on its way that may be the last. */
  #turn: Promise<void> = Promise.resolve();
  readonly #cutWrite = Promise.withResolvers<RecordedRequest>();
  #state: 'open' | 'cut' = 'open';
  #hold: Hold | undefined;

  private constructor(server: string, ca: string | undefined, { streamingLists, authorization }: RecordingProxyOptions) {
    this.#streamingLists = streamingLists;
    this.#authorization = authorization === undefined ? {} : { authorization };
    this.#upstream = new URL(server);
    this.#agent = new Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
    this.#server = createServer((request, response) => {
      this.#forward(request, response).catch(() => response.destroy()); // its sender went away in the middle of it
    });
    this.#server.requestTimeout = 0;
  }

  static async listen(connection: ClusterConnection, options: RecordingProxyOptions): Promise<RecordingProxy> {
    const { ca } = await connection.trust();
    const proxy = new RecordingProxy(connection.server, ca, options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** What changed anything in the API server. */
  get writes(): readonly RecordedRequest[] {
    return this.#requests.filter((request) => isWrite(request) && request.code < 300);
  }

  /** Lets `count` more writes through, those of leases apart; the last one's answer never arrives, and nothing after it. */
  cutAfterWrites(count: number): void {
    this.#writesLeft = count;
  }

  /**
   * Asks of each write, events apart, whether the connection is cut at it. Writes go one at a time from now on, so that what is sent at once
   * has as many last writes; one that is refused is not made, and the next one goes.
   */
  cutAtWrites(fateOf: (write: RecordedRequest) => Fate): void {
    this.#fateOf = fateOf;
  }

  /** Holds the next write of `resource`. */
  holdNext(resource: string): HeldWrite {
    const hold: Hold = { resource, arrived: Promise.withResolvers(), released: Promise.withResolvers(), answered: Promise.withResolvers() };
    this.#hold = hold;
    return {
      arrived: hold.arrived.promise,
      release: () => {
        hold.released.resolve();
        return hold.answered.promise;
      },
    };
  }

  get isCut(): boolean {
    return this.#state === 'cut';
  }

  /** The write at which the connection is cut, once it is; its code is 0 where it never arrived. */
  get cutWrite(): Promise<RecordedRequest> {
    return this.#cutWrite.promise;
  }

  /** Resolves when no write is on its way that may be the last. */
  get writesEnd(): Promise<void> {
    return this.#turn;
  }

  async close(): Promise<void> {
    this.#state = 'cut';
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (this.#state === 'cut') return void outgoing.destroy();
    if (this.#streamingLists === 'refused' && incoming.url?.includes('sendInitialEvents=true')) return refuse(outgoing);
    const recorded = this.#record(incoming, body.toString('utf8'));
    const turn = await this.#takeTurn(recorded);
    outgoing.once('close', turn.end);
    if (this.isCut) return void outgoing.destroy();
    if (outgoing.destroyed) return turn.end();
    if (recorded !== undefined && turn.fate === 'before') return this.#cut(recorded);
    const hold = this.#takeHold(recorded);
    await hold?.released.promise;
    const { host: _host, connection: _connection, ...headers } = incoming.headers;
    const upstream = httpsRequest(new URL(incoming.url ?? '/', this.#upstream), { method: incoming.method ?? 'GET', headers: { ...headers, ...this.#authorization }, agent: this.#agent });
    upstream.once('error', () => outgoing.destroy());
    upstream.once('response', (answer) => {
      hold?.answered.resolve(answer.statusCode ?? 0);
      this.#answer(answer, outgoing, recorded, turn.fate);
    });
    outgoing.once('close', () => upstream.destroy());
    upstream.end(body);
  }

  #record(incoming: IncomingMessage, body: string): RecordedRequest | undefined {
    const parsed = parseApiRequest(incoming.method ?? 'GET', incoming.url ?? '/');
    if (parsed === undefined) return undefined;
    const recorded = { ...parsed, code: 0, body, userAgent: incoming.headers['user-agent'] ?? '' };
    this.#requests.push(recorded);
    return recorded;
  }

  /** `end` lets the next write go. */
  async #takeTurn(recorded: RecordedRequest | undefined): Promise<{ readonly fate: Fate; readonly end: () => void }> {
    const fateOf = this.#fateOf;
    if (fateOf === undefined || recorded === undefined || !isWrite(recorded) || recorded.resource === 'events') return { fate: 'passes', end: () => undefined };
    const before = this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    await before;
    return { fate: this.isCut ? 'passes' : fateOf(recorded), end: turn.resolve };
  }

  #takeHold(recorded: RecordedRequest | undefined): Hold | undefined {
    const hold = this.#hold;
    if (hold === undefined || recorded === undefined || recorded.resource !== hold.resource || !isWrite(recorded)) return undefined;
    this.#hold = undefined;
    hold.arrived.resolve();
    return hold;
  }

  #answer(answer: IncomingMessage, outgoing: ServerResponse, recorded: RecordedRequest | undefined, fate: Fate): void {
    if (recorded !== undefined) recorded.code = answer.statusCode ?? 0;
    if (this.#isCutBy(recorded, fate)) return;
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.once('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  }

  #isCutBy(recorded: RecordedRequest | undefined, fate: Fate): boolean {
    if (this.#state === 'cut') return true;
    if (recorded === undefined || !isWrite(recorded)) return false;
    if (recorded.resource !== 'leases') this.#writesLeft -= 1;
    if (this.#writesLeft > 0 && !(fate === 'after' && recorded.code < 300)) return false;
    this.#cut(recorded);
    return true;
  }

  #cut(write: RecordedRequest): void {
    this.#state = 'cut';
    this.#cutWrite.resolve(write);
    this.#server.closeAllConnections();
  }
}

/** What the API server answers while its WatchList feature is off. */
function refuse(outgoing: ServerResponse): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 422, reason: 'Invalid', message: 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled' };
  outgoing.writeHead(422, { 'content-type': 'application/json' }).end(JSON.stringify(status));
}

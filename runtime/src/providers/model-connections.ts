import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { Dispatcher, Pool } from 'undici';
import { NotSent } from './not-sent.ts';

/** Connections that one pool of undici has at most. */
export const connectionsPerPool = 128;

interface Share {
  readonly pool: Pool;
  running: number;
}

/** Calls `onEnd` once, when the request is over, and says of one that fails whether any of it was sent; all else is left to the handler of the request. A class, because each object that is made the prototype of another slows all code that sees it. */
class CountedHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #onEnd: () => void;
  #state: 'running' | 'over' = 'running';
  #sent: 'no' | 'maybe' = 'no';

  constructor(handler: Dispatcher.DispatchHandler, onEnd: () => void) {
    this.#handler = handler;
    this.#onEnd = onEnd;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    // There is a connection, and the request is about to be written to it.
    this.#sent = 'maybe';
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, message?: string): void {
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#end();
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    this.#handler.onResponseError?.(controller, this.#sent === 'no' ? new NotSent(error) : error);
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#onEnd();
  }
}

/**
 * Connections without a bound on their number, in pools of a bounded one. A pool of undici looks through all of its connections whenever a request
 * begins, and an Agent does so whenever a connection ends: ten thousand streams that end at the same time would be a hundred million looks.
 */
export class ModelConnections extends Dispatcher {
  readonly #shares = new Map<string, Share[]>();
  readonly #options: Pool.Options;

  constructor(options: Pool.Options) {
    super();
    this.#options = { ...options, connections: connectionsPerPool };
  }

  /** Pools that are there now, of all origins. */
  get pools(): number {
    return [...this.#shares.values()].reduce((sum, shares) => sum + shares.length, 0);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const share = this.#withRoom(String(options.origin));
    share.running += 1;
    return share.pool.dispatch(options, new CountedHandler(handler, () => {
      share.running -= 1;
    }));
  }

  override async destroy(): Promise<void> {
    const all = [...this.#shares.values()].flat();
    this.#shares.clear();
    await Promise.all(all.map(async ({ pool }) => pool.destroy()));
  }

  /** The first one, so that the last ones run empty and go. */
  #withRoom(origin: string): Share {
    const shares = this.#shares.get(origin) ?? [];
    this.#shares.set(origin, shares);
    const found = shares.find(({ running }) => running < connectionsPerPool);
    if (found !== undefined) return found;
    const share: Share = { pool: new Pool(origin, this.#options), running: 0 };
    shares.push(share);
    share.pool.on('disconnect', () => {
      if (shares.length === 1 || share.running > 0 || share.pool.stats.connected > 0) return;
      const place = shares.indexOf(share);
      if (place !== -1) shares.splice(place, 1);
      void share.pool.destroy();
    });
    return share;
  }
}

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../platform/clock.ts';

/** Why a process that lives is not ready yet. */
export type StartingReason = 'starting' | 'store_unavailable';

export interface StartingServerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** A start that is done within this many milliseconds needs none. */
  readonly afterMs: number;
  /** Told when the address cannot be had; the server that comes after tells it, too. */
  readonly onError: (error: unknown) => void;
}

/** Answers the probes of a process that takes long to start: its pod would be ended for want of an answer. */
export interface StartingServer {
  /** From now on, and for this reason. `detail`: what is known of it, in a sentence for people. */
  readonly tell: (reason: StartingReason, detail?: string) => void;
  /** Frees the address. */
  readonly close: () => Promise<void>;
}

const retryAfterSeconds = 2;

function answer(response: ServerResponse, status: number, type: string, body: object): void {
  const text = JSON.stringify(body);
  const retry = status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {};
  // Whoever comes again is to meet the server that comes after this one.
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store', connection: 'close', ...retry }).end(text);
}

interface Told {
  readonly reason: StartingReason;
  readonly detail: string | undefined;
}

function createProbeServer(told: () => Told): Server {
  return createServer((request, response) => {
    request.resume();
    const [path] = (request.url ?? '').split('?');
    if (path === '/healthz') return answer(response, 200, 'application/json; charset=utf-8', { status: 'ok' });
    const { reason, detail } = told();
    if (path === '/readyz') return answer(response, 503, 'application/json; charset=utf-8', { status: 'not_ready', reasons: [reason], ...(detail === undefined ? {} : { detail }) });
    answer(response, 503, 'application/problem+json', { type: 'urn:sluice:problem:starting', title: 'The replica is starting', status: 503, detail: 'The replica answers nothing yet; try again' });
  });
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

export function createStartingServer({ host, port, clock, afterMs, onError }: StartingServerOptions): StartingServer {
  let told: Told = { reason: 'starting', detail: undefined };
  let opened: Promise<Server | undefined> | undefined;
  const open = async (): Promise<Server | undefined> => {
    const server = createProbeServer(() => told);
    try {
      server.listen({ host, port });
      await once(server, 'listening');
      return server;
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
  const begin = (): void => {
    opened ??= open();
  };
  const cancel = clock.after(afterMs, begin);
  return {
    tell: (reason, detail) => {
      told = { reason, detail };
      begin();
    },
    close: async () => {
      cancel();
      const server = await opened;
      if (server !== undefined) await closeServer(server);
    },
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import { abortable } from '@sluice/evals/deadline';
import type { HttpTransport } from '../../egress/transport.ts';
import type { EgressPolicy } from '../../egress/policy.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Credential } from '../credentials/credential.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { callFetch, openCall, type OpenCall } from './call-fetch.ts';
import { fetchWithCredential } from './credential-fetch.ts';

export interface McpServer {
  readonly url: string;
  readonly allowedHosts: readonly string[];
  readonly allowedNetworks?: readonly string[] | undefined;
  readonly credential?: Credential | undefined;
}

/** One server, connected when it is first needed and again after a failure. */
export interface McpConnection {
  readonly client: (signal: AbortSignal) => Promise<Client>;
  /** Makes a call with a client; whatever is sent for it ends with the signal, and it ends when its stream breaks off. */
  readonly use: <T>(client: Client, work: (options: Pick<RequestOptions, 'signal' | 'onresumptiontoken'>) => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Lets go of a client that failed, so that the next call connects anew. It is closed when nobody uses it any more: other calls may yet have their answers by it. */
  readonly drop: (client: Client) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Bytes of one response. */
const responseBytes = 4_194_304;

function policyOf({ url, allowedHosts, allowedNetworks }: McpServer): EgressPolicy {
  return { allowedHosts, allowedNetworks, ownPort: new URL(url).port };
}

/** The library does not end its greeting when it is told to: a server that never answers would keep the process from its end. */
function endedBy(end: AbortSignal, send: typeof fetch): typeof fetch {
  return async (input, init) => await send(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, end]) : end });
}

/** Closes clients that were let go of, once the last call by them has ended. */
function createUses(): { readonly begin: (client: Client) => void; readonly end: (client: Client) => Promise<void>; readonly letGo: (client: Client) => Promise<void> } {
  const calls = new Map<Client, number>();
  const left = new WeakSet<Client>();
  const closeUnused = async (client: Client): Promise<void> => {
    if (left.has(client) && !calls.has(client)) await client.close();
  };
  return {
    begin: (client) => void calls.set(client, (calls.get(client) ?? 0) + 1),
    end: async (client) => {
      const rest = (calls.get(client) ?? 1) - 1;
      if (rest === 0) calls.delete(client);
      else calls.set(client, rest);
      await closeUnused(client);
    },
    letGo: async (client) => {
      left.add(client);
      await closeUnused(client);
    },
  };
}

export function createMcpConnection(server: McpServer, { http, clock }: { readonly http: HttpTransport; readonly clock: Clock }): McpConnection {
  // The library takes time and memory, which agents without servers of tools keep; with one it is there before the first call.
  const library = import('./mcp-client.ts');
  const calls = new AsyncLocalStorage<OpenCall>();
  const uses = createUses();
  const closing = new AbortController();
  const send = fetchWithCredential(callFetch(boundedFetch(endedBy(closing.signal, http.fetcher(policyOf(server))), responseBytes), calls), server.credential);
  const connect = async (): Promise<Client> => await (await library).connectClient(server.url, send, closing.signal);
  let current: Promise<Client> | undefined;
  const open = (): Promise<Client> => {
    // Shared by all who wait for it, so no caller's signal may end it.
    const made = connect();
    const forget = (): void => {
      if (current === made) current = undefined;
    };
    made.catch(forget);
    return made;
  };
  return {
    client: async (signal) => {
      signal.throwIfAborted();
      current ??= open();
      // A server that does not answer the greeting holds up nobody longer than they want to wait.
      return await abortable(current, signal);
    },
    use: async (client, work, signal) => {
      uses.begin(client);
      const call = openCall(signal, clock);
      try {
        return await calls.run(call, async () => await work({ signal: call.signal, onresumptiontoken: call.resumable }));
      } catch (error) {
        throw call.broken() ?? error;
      } finally {
        await uses.end(client);
      }
    },
    drop: async (client) => {
      const last = current;
      const known = await last?.catch(() => undefined);
      if (known === client && current === last) current = undefined;
      await uses.letGo(client);
    },
    close: async () => {
      closing.abort(new Error('closed'));
      const client = await current?.catch(() => undefined);
      current = undefined;
      await client?.close();
    },
  };
}

import type { Client } from '@modelcontextprotocol/client';
import type { HttpTransport } from '../../egress/transport.ts';
import type { EgressPolicy } from '../../egress/policy.ts';
import type { Credential } from '../credentials/credential.ts';
import { boundedFetch } from './bounded-fetch.ts';
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
  /** Lets go of a client that failed, so that the next call connects anew. */
  readonly drop: (client: Client) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Bytes of one response. */
const responseBytes = 4_194_304;

function policyOf({ url, allowedHosts, allowedNetworks }: McpServer): EgressPolicy {
  return { allowedHosts, allowedNetworks, ownPort: new URL(url).port };
}

export function createMcpConnection(server: McpServer, http: HttpTransport): McpConnection {
  // The library takes time and memory, which agents without servers of tools keep; with one it is there before the first call.
  const library = import('./mcp-client.ts');
  const send = fetchWithCredential(boundedFetch(http.fetcher(policyOf(server)), responseBytes), server.credential);
  const connect = async (): Promise<Client> => await (await library).connectClient(server.url, send, closing.signal);
  let current: Promise<Client> | undefined;
  const closing = new AbortController();
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
      return await current;
    },
    drop: async (client) => {
      const known = await current?.catch(() => undefined);
      if (known === client) current = undefined;
      await client.close();
    },
    close: async () => {
      closing.abort(new Error('closed'));
      const client = await current?.catch(() => undefined);
      current = undefined;
      await client?.close();
    },
  };
}

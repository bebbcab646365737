import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createListStore } from './list-store.ts';

/** The client of the library, connected. `send`: by which every request goes. */
export async function connectClient(url: string, send: typeof fetch, signal: AbortSignal): Promise<Client> {
  // `auto` asks for the stateless revision first and falls back to the handshake of the older one.
  const client = new Client({ name: 'sluice-runtime', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' }, inputRequired: { autoFulfill: false }, responseCacheStore: createListStore() });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: send }), { signal });
  return client;
}

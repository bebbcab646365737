import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';

/** The real API server, and who the proxy is to it. */
export interface Upstream {
  /** https://HOST:PORT */
  readonly url: string;
  readonly authority: string;
  readonly certificate: { readonly cert: string; readonly key: string };
}

/** Hop-by-hop headers, and the client's own credentials: the proxy has its certificate. */
const DROPPED = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'authorization', 'accept-encoding']);

/** Sends the request on; resolves with the answer's headers there and its body to be read. */
export function forward(request: IncomingMessage, body: Buffer, to: Upstream & { readonly agent: Agent }, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && !DROPPED.has(name)) headers[name] = value;
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(new URL(request.url ?? '/', to.url), {
      method: request.method ?? 'GET', agent: to.agent,
      headers: { ...headers, ...(body.length === 0 ? {} : { 'content-length': body.length }) },
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export async function wholeBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

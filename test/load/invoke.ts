import http from 'node:http';
import https from 'node:https';
import type { PlannedRequest } from './mix.ts';
import { judgeError, judgeResponse, type Outcome } from './outcome.ts';

/** Above this a response is not read on: it is no agent's answer. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface Invoked {
  readonly revision: string | undefined;
  readonly outcome: Outcome;
}

export interface InvokerOptions {
  /** Of the agent, without `/v1/invoke`. */
  readonly url: URL;
  /** `per-request`: a new connection each time, so that kube-proxy picks a pod anew. */
  readonly connections: 'per-request' | 'keep-alive';
  /** Deadline of a request from connect to last byte, milliseconds. */
  readonly timeoutMs: number;
}

/** Sends one request; always resolves, within the deadline. */
export type Invoke = (request: PlannedRequest) => Promise<Invoked>;

export function createInvoke({ url, connections, timeoutMs }: InvokerOptions): Invoke {
  const client = url.protocol === 'https:' ? https : http;
  const agent = connections === 'keep-alive' ? new client.Agent({ keepAlive: true }) : false;
  const target = new URL(`${url.pathname.replace(/\/$/u, '')}/v1/invoke`, url);
  return async (planned) => {
    const body = JSON.stringify(planned.body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), accept: planned.stream ? 'text/event-stream' : 'application/json' };
    const request = client.request(target, { method: 'POST', agent, headers });
    let receiving: http.ClientRequest | http.IncomingMessage = request;
    const deadline = setTimeout(() => receiving.destroy(new DeadlineError(timeoutMs)), timeoutMs);
    try {
      request.end(body);
      receiving = await responseOf(request);
      return await readResponse(receiving, planned.body.request_id);
    } catch (error) {
      return { revision: undefined, outcome: judgeError(error) };
    } finally {
      clearTimeout(deadline);
    }
  };
}

/** Rejects when the request fails before any response. */
async function responseOf(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Stays on for the request's life: an error after the response is the reader's to report, but must have a listener.
    request.on('error', reject);
    request.once('response', resolve);
  });
}

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE';

  constructor(timeoutMs: number) {
    super(`no whole response within ${timeoutMs} ms`);
  }
}

async function readResponse(response: http.IncomingMessage, requestId: string): Promise<Invoked> {
  const header = response.headers['x-sluice-revision'];
  const revision = typeof header === 'string' && header !== '' ? header : undefined;
  try {
    const body = await readBody(response);
    return { revision, outcome: judgeResponse({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body }, requestId) };
  } catch (error) {
    return { revision, outcome: judgeError(error) };
  }
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`the response is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

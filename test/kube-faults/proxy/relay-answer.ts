import type { IncomingHttpHeaders } from 'node:http';
import type { ClientSide } from './client-side.ts';
import type { AnswerFault } from './fault.ts';
import { faultStatus, type FaultStatus } from './fault-status.ts';

/** The API server's whole answer to a call. */
export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Headers that belong to one connection, and those that a changed body would belie. */
const OWN_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date']);

export function passedHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !OWN_HEADERS.has(name)) passed[name] = value;
  return passed;
}

export function sendAnswer(answer: Answer, client: ClientSide): void {
  if (client.gone) return;
  client.response.writeHead(answer.code, { ...passedHeaders(answer.headers), 'content-length': answer.body.length });
  client.response.end(answer.body);
}

export function sendStatus(status: FaultStatus, client: ClientSide): void {
  if (!client.gone) client.response.writeHead(status.code, status.headers).end(status.body);
}

/** Spoils the answer of a call that the API server has carried out. `date` is what a skewed clock says. */
export async function spoilAnswer(kind: AnswerFault, answer: Answer, client: ClientSide, date: string): Promise<void> {
  if (client.gone) return;
  const text = answer.body.toString('utf8');
  switch (kind) {
    case 'answer-lost':
      return client.reset();
    case 'applied-500':
      return sendStatus(faultStatus(500), client);
    case 'applied-504':
      return sendStatus(faultStatus(504), client);
    case 'skewed-date':
      client.response.setHeader('date', date);
      return sendAnswer(answer, client);
    default:
      client.response.writeHead(answer.code, passedHeaders(answer.headers)).flushHeaders();
      return spoilBody(kind, text, client);
  }
}

async function spoilBody(kind: Exclude<AnswerFault, 'answer-lost' | 'applied-500' | 'applied-504' | 'skewed-date'>, text: string, client: ClientSide): Promise<void> {
  switch (kind) {
    case 'silence-after-headers':
      return;
    case 'half-body':
      return void client.response.end(text.slice(0, Math.floor(text.length / 2)));
    case 'half-chunk':
      return client.halfChunk(text);
    case 'byte-by-byte':
      await client.writeSlowly(text);
      client.response.end();
  }
}

import { type Agent, type IncomingMessage, request } from 'node:http';

export interface Exchange {
  readonly url: string;
  readonly body: string;
  readonly agent: Agent;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A text of a stream of chat.completion.chunk, or of the agent's own events, that is not empty. */
const textPattern = /"(?:content|text)":"[^"]/;

/** The response to a POST. Rejects when the connection fails. */
async function post({ url, body, agent, signal, headers: more = {} }: Exchange): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: 'Bearer sk-test', ...more };
    const sent = request(url, { method: 'POST', agent, headers, ...(signal === undefined ? {} : { signal }) }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Reads the whole answer. Rejects for another status than 200 and for one that is cut. */
export async function askWhole(exchange: Exchange): Promise<void> {
  const response = await post(exchange);
  await new Promise<void>((resolve, reject) => {
    response.once('error', reject).once('end', resolve).once('close', () => reject(new Error('cut'))).resume();
  });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
}

/** Calls `onText` at the first text of the stream, and reads it to its end. Rejects as {@link askWhole} does, and for a stream without text. */
export async function askStream(exchange: Exchange, onText: () => void): Promise<void> {
  const response = await post(exchange);
  let seen = '';
  let state: 'waiting' | 'told' = 'waiting';
  await new Promise<void>((resolve, reject) => {
    response.once('error', reject).once('end', resolve).once('close', () => reject(new Error('cut')));
    response.setEncoding('utf8').on('data', (text: string) => {
      if (state === 'told') return;
      seen += text;
      if (!textPattern.test(seen)) return;
      state = 'told';
      seen = '';
      onText();
    });
  });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  if ((state as 'waiting' | 'told') === 'waiting') throw new Error('a stream without text');
}

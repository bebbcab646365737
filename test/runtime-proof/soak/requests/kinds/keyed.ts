import { createHash } from 'node:crypto';
import { plainQuestion, reportQuestion, type Kind, type Sending } from '../kind.ts';

/** What was answered under a key. */
interface Keyed {
  readonly key: string;
  readonly body: object;
  readonly digest: string;
  readonly at: number;
}

/** Milliseconds for which an answer must be replayed, however full the store is. */
const youngMs = 8_000;
const remembered = 32;

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function once({ ask, now }: Sending, { key, body }: Pick<Keyed, 'key' | 'body'>): Promise<Keyed | undefined> {
  const { status, text } = await ask({ path: '/v1/invoke', body, headers: { 'idempotency-key': key } });
  return status === 200 ? { key, body, digest: digestOf(text), at: now() } : undefined;
}

/** A key of its own each: its answer is kept, and one in four is asked for again while it is young. One in three has a large answer. */
export const keyed: Kind = (sending) => {
  const young: Keyed[] = [];
  return async (index) => {
    const first = await once(sending, { key: `key-${index}`, body: index % 3 === 0 ? reportQuestion(index) : plainQuestion(index) });
    if (first !== undefined) young.push(first);
    if (young.length > remembered) young.shift();
    const [oldest] = young;
    if (index % 4 !== 0 || oldest === undefined) return;
    young.shift();
    const again = await once(sending, oldest);
    // When it was asked is not when it was answered: what is too old by now says nothing.
    if (sending.now() - oldest.at < youngMs && again?.digest !== oldest.digest) throw new Error(`the answer of ${oldest.key} was not replayed ${(sending.now() - oldest.at).toFixed(0)} ms after it was given`);
  };
};

/** A stream with a key, and again from its second event, unless it failed. */
export const resumed: Kind = ({ ask }) => async (index) => {
  const headers = { 'idempotency-key': `stream-${index}` };
  await ask({ path: '/v1/stream', body: plainQuestion(index), headers });
  await ask({ path: '/v1/stream', body: plainQuestion(index), headers: { ...headers, 'last-event-id': '2' }, may: [200, 410] });
};

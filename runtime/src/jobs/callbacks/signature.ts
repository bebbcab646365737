import { createHmac, timingSafeEqual } from 'node:crypto';

/** The headers of the Standard Webhooks specification, so that receivers can use its libraries. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  /** Seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** One signature for each secret, by spaces: two while a secret is being changed. */
  readonly 'webhook-signature': string;
}

const PREFIX = 'whsec_';
const FEWEST_SECRET_BYTES = 24;
const MOST_SECRET_BYTES = 64;

/** Throws RangeError when the secret is none; the message does not hold it. */
export function secretBytes(secret: string): Buffer {
  const bytes = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  if (bytes.length >= FEWEST_SECRET_BYTES && bytes.length <= MOST_SECRET_BYTES) return bytes;
  throw new RangeError(`a callback secret has ${bytes.length} bytes: write "${PREFIX}" and ${FEWEST_SECRET_BYTES} to ${MOST_SECRET_BYTES} random bytes in base64`);
}

function sign(secret: string, content: string): string {
  return createHmac('sha256', secretBytes(secret)).update(content).digest('base64');
}

/** Signs a body with each of the secrets. */
export function signCallback(message: { readonly id: string; readonly atSeconds: number; readonly body: string }, secrets: readonly string[]): SignedHeaders {
  const { id, atSeconds, body } = message;
  const signatures = secrets.map((secret) => `v1,${sign(secret, `${id}.${atSeconds}.${body}`)}`);
  return { 'webhook-id': id, 'webhook-timestamp': String(atSeconds), 'webhook-signature': signatures.join(' ') };
}

export type Verified = 'valid' | 'bad-signature' | 'too-old' | 'malformed';

/** What a receiver does: for its tests and ours. `toleranceSeconds` bounds how old, or how far ahead, a message may be. */
export function verifyCallback(message: { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: string }, secret: string, time: { readonly nowSeconds: number; readonly toleranceSeconds: number }): Verified {
  const { headers, body } = message;
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (id === undefined || timestamp === undefined || signatures === undefined || !/^[0-9]{1,12}$/.test(timestamp)) return 'malformed';
  const wanted = Buffer.from(sign(secret, `${id}.${timestamp}.${body}`));
  const given = signatures.split(' ').flatMap((each) => (each.startsWith('v1,') ? [Buffer.from(each.slice('v1,'.length))] : []));
  if (!given.some((each) => each.length === wanted.length && timingSafeEqual(each, wanted))) return 'bad-signature';
  return Math.abs(time.nowSeconds - Number(timestamp)) > time.toleranceSeconds ? 'too-old' : 'valid';
}

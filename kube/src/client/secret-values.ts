import type { Write } from './write.ts';

/** Where the API server serves Secrets, whatever the body says of itself: a patch names no kind. */
const SECRETS = /^\/api\/v1\/namespaces\/[^/]+\/secrets(\/|$)/;

export interface SecretValue {
  readonly text: string;
  /** The same in base64, and its bytes as Go prints them, by %v and by %x. */
  readonly encoded: readonly string[];
}

/** What of a write must not be shown: every value of a Secret, decoded and as it is written. Empty for other kinds. */
export function secretValuesOf({ path, body }: Write): SecretValue[] {
  const isSecret = SECRETS.test(path) || (isRecord(body) && body['kind'] === 'Secret');
  return isSecret ? valuesIn(body) : [];
}

function valuesIn(body: unknown): SecretValue[] {
  // RFC 6902: operations, each with the place that it changes.
  if (Array.isArray(body)) return (body as unknown[]).flatMap(operationValues);
  if (!isRecord(body)) return [];
  return [...texts(body['data']).map(fromBase64), ...texts(body['stringData']).map(fromText)];
}

function operationValues(operation: unknown): SecretValue[] {
  if (!isRecord(operation)) return [];
  const { path, value } = operation;
  if (path === '') return valuesIn(value);
  const part = /^\/(data|stringData)(\/|$)/.exec(String(path))?.[1];
  if (part === undefined) return [];
  return texts(value).map(part === 'data' ? fromBase64 : fromText);
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return isRecord(value) ? Object.values(value).flatMap(texts) : [];
}

/** What is no base64 at all is refused with that very text. */
function fromBase64(base64: string): SecretValue {
  const bytes = Buffer.from(base64, 'base64');
  return { text: bytes.toString('utf8'), encoded: [base64, base64.replace(/=+$/, ''), ...printed(bytes)] };
}

function fromText(text: string): SecretValue {
  return { text, encoded: printed(Buffer.from(text)) };
}

function printed(bytes: Buffer): string[] {
  return [bytes.join(' '), bytes.toString('hex')];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

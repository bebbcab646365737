import type { Credential } from '../config/connection.ts';

/** Shorter texts are no secrets, and replacing them would make every message unreadable. */
export const SHORTEST_SECRET = 4;
export const MARK = '[redacted]';

/** Takes secrets, and the ways they are commonly written, out of text. One is made for each call, and few are asked: what they look for is made at the first text. */
export class Redactor {
  readonly #secrets: () => readonly string[];
  #forms: readonly string[] | undefined;

  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  text(text: string): string {
    this.#forms ??= allForms(this.#secrets());
    return this.#forms.reduce((result, form) => result.replaceAll(form, MARK), text);
  }
}

/** The longest first: a secret that contains another must go as a whole. */
function allForms(secrets: readonly string[]): readonly string[] {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf));
  return [...forms].toSorted((left, right) => right.length - left.length);
}

/** Everything about a credential that must not be shown: token, Basic pair and password, private key. */
export function secretsOf(credential: Credential): string[] {
  const [scheme = '', value = ''] = credential.authorization?.split(/ (.*)/s) ?? [];
  const secrets = value === '' ? [] : [value];
  if (scheme === 'Basic') {
    const pair = Buffer.from(value, 'base64').toString('utf8');
    secrets.push(pair, pair.slice(pair.indexOf(':') + 1));
  }
  const key = credential.certificate?.key;
  // Line by line too: what quotes a PEM quotes lines of it.
  if (key !== undefined) secrets.push(key, ...key.split('\n').filter((line) => line.length > 16 && !line.startsWith('-----')));
  return secrets;
}

/** The credentials in a URL, as they stand there and decoded. */
export function secretsOfUrl(url: string | undefined): string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { username, password } = new URL(url);
  if (password === '') return username === '' ? [] : [username];
  return [password, decode(password), `${username}:${password}`, `${decode(username)}:${decode(password)}`];
}

/** The ways in which a text is commonly written. */
export function formsOf(secret: string): string[] {
  return [secret, jsonEscaped(secret), goJsonEscaped(secret), encodeURIComponent(secret.toWellFormed()), Buffer.from(secret).toString('base64')];
}

export function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Go's JSON has escapes of its own, for use within HTML. */
export function goJsonEscaped(text: string): string {
  return jsonEscaped(text).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

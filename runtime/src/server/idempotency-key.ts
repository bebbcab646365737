import { InvalidInput } from './problem.ts';

const name = 'Idempotency-Key';
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/;
const bare = /^[\x21\x23-\x7e][\x21-\x7e]*$/;
const longest = 255;

/** The key of the header, written as a string of RFC 8941 or bare, as most clients do. Throws InvalidInput. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = typeof header === 'string' ? header.trim() : '';
  const key = quoted.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1') ?? (bare.test(text) ? text : undefined);
  if (key !== undefined && key.length <= longest) return key;
  throw new InvalidInput(name, `${name} must be one string of 1 to ${longest} printable characters, for example a UUID`, 400);
}

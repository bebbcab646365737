import { createHash } from 'node:crypto';
import type { ConfigProblem } from '../config/config-error.ts';

/** Where an agent keeps what it must not forget. */
export type StoreLocation =
  | { readonly kind: 'sqlite'; /** A path, or ":memory:" for what ends with the process. */ readonly file: string; /** Bytes that it may grow to. Not set: see store-room.ts. */ readonly maximumBytes?: number }
  | { readonly kind: 'postgres'; /** Holds the password. */ readonly url: string; readonly schema: string; /** Milliseconds for a connection, and for a statement. Default 5,000. */ readonly timeoutMs?: number };

const MEMORY = ':memory:';
/** Postgres cuts names at 63 characters. */
const READABLE_LENGTH = 50;
const DIGEST_LENGTH = 12;

/** A schema for each agent, so that several may share a database. The digest keeps those apart whose names look the same here. */
export function schemaOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  const readable = `sluice_${namespace}_${name}`.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_').slice(0, READABLE_LENGTH);
  return `${readable}_${createHash('sha256').update(JSON.stringify([namespace, name])).digest('hex').slice(0, DIGEST_LENGTH)}`;
}

/** Reads `sqlite:<path>`, `sqlite::memory:` or a Postgres URL; gives what is wrong with anything else, without its value, which may hold a password. */
export function parseStoreLocation(field: string, text: string, agent: { readonly namespace: string; readonly name: string }): StoreLocation | ConfigProblem {
  const fix = 'Write "sqlite:/var/lib/sluice/state.db" or "postgres://user:password@host:5432/database?sslmode=verify-full"';
  if (text.startsWith('sqlite:')) {
    const file = text.slice('sqlite:'.length);
    return file === MEMORY || file.startsWith('/') ? { kind: 'sqlite', file } : { field, problem: 'names no absolute path after "sqlite:"', fix };
  }
  if (!URL.canParse(text)) return { field, problem: 'is no URL', fix };
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') return { field, problem: 'names a kind of store that does not exist', fix };
  if (hostname === '') return { field, problem: 'names no host', fix };
  return { kind: 'postgres', url: text, schema: schemaOf(agent) };
}

import { DatabaseError } from 'pg';
import { StoreError, type StoreFailure } from '../store-error.ts';

/** By SQLSTATE, the longest prefix that fits. */
const failures: readonly (readonly [prefix: string, failure: StoreFailure, message: string])[] = [
  ['08', 'unavailable', 'the connection to Postgres broke'],
  ['23', 'rejected', 'Postgres refused a row that breaks a constraint'],
  ['28', 'rejected', 'Postgres refused the login: check user, password and pg_hba.conf'],
  ['3D000', 'rejected', 'the Postgres database does not exist: create it'],
  ['3F000', 'rejected', 'the schema does not exist in the Postgres database: run the migrations'],
  ['40', 'unavailable', 'Postgres gave up a transaction that met others too often'],
  ['42501', 'rejected', 'the Postgres user may not do this: grant it the schema of the agent'],
  ['42P01', 'rejected', 'a table is missing in Postgres: run the migrations'],
  ['53100', 'full', 'the disk of Postgres is full'],
  ['53', 'busy', 'Postgres takes no more connections: lower the size of the pools or raise max_connections'],
  ['55P03', 'unavailable', 'Postgres did not get a lock in time'],
  ['57014', 'unavailable', 'Postgres took too long for a statement'],
  ['57', 'unavailable', 'Postgres is starting up or shutting down'],
  ['XX', 'corrupt', 'Postgres met damaged data'],
];

/** Whether the same transaction may succeed when it is run again. */
export function isContention(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}

/** Whether a statement gave up waiting for others to leave its table. */
export function isTableLocked(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '55P03';
}

/** Whether the server gave no answer at all: it cannot be reached, or stalls. */
export function isSilence(error: unknown): boolean {
  return error instanceof StoreError && error.failure === 'unavailable' && !(error.cause instanceof DatabaseError);
}

/** What may stand in a sentence: a name that is none may be a part of a secret. */
const hostForm = /^[\w.:-]{1,253}$/;

/** Why the server was not reached, as far as it is known. Nothing of the URL is told but the name of its host. */
function absence(error: unknown): string {
  const { code, hostname } = error instanceof Error ? (error as NodeJS.ErrnoException & { readonly hostname?: unknown }) : {};
  const host = typeof hostname === 'string' && hostForm.test(hostname) ? `host name "${hostname}"` : 'host name';
  if (code === 'ENOTFOUND') return `the ${host} of Postgres does not resolve: check it in the URL, with the namespace where it is another one (<service>.<namespace>)`;
  if (code === 'EAI_AGAIN') return `the ${host} of Postgres cannot be looked up just now: check it in the URL, and whether the name server answers (EAI_AGAIN)`;
  if (code === 'ECONNREFUSED') return 'nobody takes connections where Postgres is looked for (ECONNREFUSED): check host and port in the URL, and whether it runs';
  return 'Postgres cannot be reached, or did not answer in time';
}

/** Whatever the client throws, as a StoreError. The server's own text is only in `cause`: it may hold values. */
export function fromPostgres(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (!(error instanceof DatabaseError)) return new StoreError('unavailable', absence(error), { cause: error });
  const code = error.code ?? '';
  const known = failures.find(([prefix]) => code.startsWith(prefix));
  if (known !== undefined) return new StoreError(known[1], known[2], { cause: error });
  return new StoreError('rejected', `Postgres refused a statement (SQLSTATE ${code})`, { cause: error });
}

import { pruneBatch } from '../../store/prune-all.ts';
import { isOfAuthority } from '../../store/sql/owned-by.ts';
import { integer } from '../../store/sql/row.ts';
import type { SqlDatabase, SqlTransaction } from '../../store/sql/sql-database.ts';
import type { Owner } from '../../store/owner.ts';
import { pageReach, pageStart, toPage, type Page, type PageRequest } from '../../store/page.ts';
import { StoreError } from '../../store/store-error.ts';
import { defaultSessionLimits, type Appended, type NewSessionMessage, type Session, type SessionLimits, type SessionStore } from '../session-store.ts';
import { toMessage, toSession } from './session-row.ts';


async function find(transaction: SqlTransaction, id: string, owner: Owner): Promise<Session | undefined> {
  const [row] = await transaction.rows(`SELECT * FROM sessions WHERE id = $1 AND tenant = $2 AND subject = $3 AND expires_at > $4 AND ${isOfAuthority('$5')}`, [id, owner.tenant, owner.subject, transaction.now, owner.authority ?? null]);
  return row === undefined ? undefined : toSession(row);
}

async function create(transaction: SqlTransaction, limits: SessionLimits, { id, owner }: { readonly id: string; readonly owner: Owner }): ReturnType<SessionStore['create']> {
  const { now } = transaction;
  await transaction.lock(`sessions:${JSON.stringify([owner.tenant, owner.subject])}`);
  const [own] = await transaction.rows(`SELECT count(*) AS n FROM sessions WHERE tenant = $1 AND subject = $2 AND expires_at > $3 AND ${isOfAuthority('$4')}`, [owner.tenant, owner.subject, now, owner.authority ?? null]);
  if (own !== undefined && integer(own, 'n') >= limits.maxSessionsPerOwner) return { outcome: 'quota' };
  await transaction.rows('DELETE FROM sessions WHERE id = $1 AND expires_at <= $2', [id, now]);
  const [row] = await transaction.rows(
    `INSERT INTO sessions (id, tenant, subject, version, messages, created_at, updated_at, expires_at, authority) VALUES ($1, $2, $3, 0, 0, $4, $4, $5, $6)
     ON CONFLICT (id) DO NOTHING RETURNING *`,
    [id, owner.tenant, owner.subject, now, now + limits.idleMs, owner.authority ?? null],
  );
  return row === undefined ? { outcome: 'taken' } : { outcome: 'created', session: toSession(row) };
}

/** Pages by the time of the last write; sessions written in the same millisecond as the last of a page may be passed over. */
async function list(transaction: SqlTransaction, owner: Owner, request: PageRequest): Promise<Page<Session>> {
  const rows = await transaction.rows(`SELECT * FROM sessions WHERE tenant = $1 AND subject = $2 AND updated_at < $3 AND expires_at > $4 AND ${isOfAuthority('$6')} ORDER BY updated_at DESC, id LIMIT $5`, [
    owner.tenant,
    owner.subject,
    pageStart(request),
    transaction.now,
    pageReach(request),
    owner.authority ?? null,
  ]);
  return toPage(request, rows.map((row) => ({ seq: integer(row, 'updated_at'), item: toSession(row) })));
}

function check(messages: readonly NewSessionMessage[], limits: SessionLimits): void {
  const long = messages.find(({ content }) => content.length > limits.maxMessageLength);
  if (long !== undefined) throw new StoreError('rejected', `a message of a session has ${long.content.length} characters, and ${limits.maxMessageLength} may be kept`);
}

interface Write {
  readonly messages: readonly NewSessionMessage[];
  readonly expectedVersion?: number | undefined;
}

async function append(transaction: SqlTransaction, limits: SessionLimits, target: { readonly id: string; readonly owner: Owner } & Write): Promise<Appended> {
  const { id, owner, messages, expectedVersion } = target;
  check(messages, limits);
  if ((await find(transaction, id, owner)) === undefined) return { outcome: 'unknown' };
  const [row] = await transaction.rows(
    // One that nobody was known to have vouched for becomes that of whoever goes on with it first.
    'UPDATE sessions SET version = version + 1, messages = messages + $2, updated_at = $3, expires_at = $4, authority = COALESCE(authority, $6) WHERE id = $1 AND ($5 < 0 OR version = $5) RETURNING *',
    [id, messages.length, transaction.now, transaction.now + limits.idleMs, expectedVersion ?? -1, owner.authority ?? null],
  );
  if (row === undefined) return { outcome: 'conflict' };
  const session = toSession(row);
  const first = session.messages - messages.length + 1;
  for (const [index, { role, content }] of messages.entries()) {
    await transaction.rows('INSERT INTO session_messages (session_id, seq, role, content, at) VALUES ($1, $2, $3, $4, $5)', [id, first + index, role, content, transaction.now]);
  }
  await transaction.rows('DELETE FROM session_messages WHERE session_id = $1 AND seq <= $2', [id, session.messages - limits.maxMessages]);
  return { outcome: 'appended', session };
}

export function createSqlSessionStore(database: SqlDatabase, changed: Partial<SessionLimits> = {}): SessionStore {
  const limits = { ...defaultSessionLimits, ...changed };
  return {
    create: (session) => database.transaction((transaction) => create(transaction, limits, session)),
    get: (id, owner) => database.transaction((transaction) => find(transaction, id, owner)),
    list: (owner, page) => database.transaction((transaction) => list(transaction, owner, page)),
    messages: (id, owner, limit) =>
      database.transaction(async (transaction) => {
        if ((await find(transaction, id, owner)) === undefined) return undefined;
        const rows = await transaction.rows('SELECT * FROM session_messages WHERE session_id = $1 ORDER BY seq DESC LIMIT $2', [id, limit]);
        return rows.map(toMessage).toReversed();
      }),
    append: (id, owner, write) => database.transaction((transaction) => append(transaction, limits, { id, owner, ...write })),
    remove: (id, owner) =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows(`DELETE FROM sessions WHERE id = $1 AND tenant = $2 AND subject = $3 AND ${isOfAuthority('$4')} RETURNING id`, [id, owner.tenant, owner.subject, owner.authority ?? null]);
        return gone.length === 0 ? 'unknown' : 'removed';
      }),
    prune: () =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows('DELETE FROM sessions WHERE expires_at <= $1 AND id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2) RETURNING id', [transaction.now, pruneBatch]);
        return gone.length;
      }),
  };
}

import { pruneBatch } from '../../store/prune-all.ts';
import { integer, json, optionalInteger, optionalText, present, text } from '../../store/sql/row.ts';
import type { SqlDatabase, SqlRow, SqlTransaction } from '../../store/sql/sql-database.ts';
import { defaultIdempotencyLimits, type IdempotencyBegin, type IdempotencyClaim, type IdempotencyLimits, type IdempotencyStore, type StoredResponse } from '../idempotency-store.ts';


interface Request {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly authority?: string | undefined;
  readonly requestId?: string | undefined;
}

const SAME_OWNER = "COALESCE(idempotency_keys.authority, $7, '') = COALESCE($7, idempotency_keys.authority, '')";

/** What was released, has lapsed or is expired gives way; what is there otherwise stays. A further try of the same request keeps the request id of the first. */
const BEGIN = `INSERT INTO idempotency_keys (scope, key, fingerprint, fence, lease_until, response, expires_at, authority, first_request_id) VALUES ($1, $2, $3, 1, $4, NULL, $5, $7, $8)
  ON CONFLICT (scope, key) DO UPDATE SET fingerprint = $3, fence = idempotency_keys.fence + 1, lease_until = $4, response = NULL, expires_at = $5, authority = $7,
    first_request_id = CASE WHEN idempotency_keys.expires_at > $6 AND idempotency_keys.fingerprint = $3 AND ${SAME_OWNER} THEN COALESCE(idempotency_keys.first_request_id, $8) ELSE $8 END
  WHERE idempotency_keys.expires_at <= $6
    OR (idempotency_keys.lease_until <= $6 AND idempotency_keys.fingerprint = $3 AND ${SAME_OWNER})
    OR (idempotency_keys.lease_until IS NULL AND idempotency_keys.response IS NULL) RETURNING fence, first_request_id`;

function explain(row: SqlRow, request: Request, now: number): IdempotencyBegin {
  const { authority = request.authority } = present({ authority: optionalText(row, 'authority') });
  if (text(row, 'fingerprint') !== request.fingerprint || authority !== (request.authority ?? authority)) return { outcome: 'other-payload' };
  if (optionalText(row, 'response') !== undefined) return { outcome: 'replay', response: json(row, 'response') as StoredResponse };
  return { outcome: 'in-flight', retryAfterMs: Math.max(1, (optionalInteger(row, 'lease_until') ?? now) - now) };
}

async function begin(transaction: SqlTransaction, limits: IdempotencyLimits, request: Request): Promise<IdempotencyBegin> {
  const { now } = transaction;
  const { scope, key, fingerprint } = request;
  const [mine] = await transaction.rows(BEGIN, [scope, key, fingerprint, now + limits.leaseMs, now + limits.keepMs, now, request.authority ?? null, request.requestId ?? null]);
  if (mine !== undefined) return { outcome: 'started', claim: { scope, key, fence: integer(mine, 'fence'), ...present({ firstRequestId: optionalText(mine, 'first_request_id') }) } };
  const [row] = await transaction.rows('SELECT * FROM idempotency_keys WHERE scope = $1 AND key = $2', [scope, key]);
  // Released in between: whoever asks again begins it.
  return row === undefined ? { outcome: 'in-flight', retryAfterMs: 1 } : explain(row, request, now);
}

const HELD = 'scope = $1 AND key = $2 AND fence = $3 AND lease_until IS NOT NULL';

async function release(transaction: SqlTransaction, { scope, key, fence }: IdempotencyClaim): Promise<'released' | 'lost'> {
  // The row stays, so that its fence goes on counting and an old claim never fits a new one.
  const rows = await transaction.rows(`UPDATE idempotency_keys SET lease_until = NULL WHERE ${HELD} RETURNING fence`, [scope, key, fence]);
  return rows.length === 0 ? 'lost' : 'released';
}

/** Keeps the response in a transaction that also does what it tells of. */
export async function completeClaim(transaction: SqlTransaction, limits: IdempotencyLimits, target: { readonly claim: IdempotencyClaim; readonly response: StoredResponse }): Promise<'stored' | 'too-large' | 'lost'> {
  const { claim, response } = target;
  if (response.body.length > limits.maxBodyLength) return (await release(transaction, claim)) === 'lost' ? 'lost' : 'too-large';
  const rows = await transaction.rows(`UPDATE idempotency_keys SET response = $4, lease_until = NULL, expires_at = $5 WHERE ${HELD} RETURNING fence`, [
    claim.scope,
    claim.key,
    claim.fence,
    JSON.stringify(response),
    transaction.now + limits.keepMs,
  ]);
  return rows.length === 0 ? 'lost' : 'stored';
}

export function createSqlIdempotencyStore(database: SqlDatabase, changed: Partial<IdempotencyLimits> = {}): IdempotencyStore {
  const limits = { ...defaultIdempotencyLimits, ...changed };
  return {
    begin: (request) => database.transaction((transaction) => begin(transaction, limits, request)),
    renew: ({ scope, key, fence }) =>
      database.transaction(async (transaction) => {
        const rows = await transaction.rows(`UPDATE idempotency_keys SET lease_until = $4, expires_at = $5 WHERE ${HELD} RETURNING fence`, [scope, key, fence, transaction.now + limits.leaseMs, transaction.now + limits.keepMs]);
        return rows.length === 0 ? 'lost' : 'renewed';
      }),
    complete: (claim, response) => database.transaction((transaction) => completeClaim(transaction, limits, { claim, response })),
    release: (claim) => database.transaction((transaction) => release(transaction, claim)),
    prune: () =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows(
          'DELETE FROM idempotency_keys WHERE expires_at <= $1 AND (scope, key) IN (SELECT scope, key FROM idempotency_keys WHERE expires_at <= $1 LIMIT $2) RETURNING key',
          [transaction.now, pruneBatch],
        );
        return gone.length;
      }),
  };
}

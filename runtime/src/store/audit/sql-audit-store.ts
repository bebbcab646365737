import { pruneBatch } from '../prune-all.ts';
import { toOwner } from '../sql/owned-by.ts';
import { integer, json, optionalText, present, text } from '../sql/row.ts';
import type { SqlDatabase, SqlRow, SqlTransaction } from '../sql/sql-database.ts';
import { pageReach, pageStart, toPage } from '../page.ts';
import { StoreError } from '../store-error.ts';
import type { AuditRecord, AuditStore, NewAuditRecord } from './audit-store.ts';

const MAXIMUM_DETAILS = 16_384;
const outcomes: readonly NewAuditRecord['outcome'][] = ['allowed', 'denied', 'done', 'failed', 'unknown'];

function toRecord(row: SqlRow): AuditRecord {
  return {
    seq: integer(row, 'seq'),
    at: integer(row, 'at'),
    owner: toOwner(row),
    requestId: text(row, 'request_id'),
    policyVersion: text(row, 'policy_version'),
    action: text(row, 'action'),
    target: text(row, 'target'),
    outcome: outcomes.find((known) => known === row['outcome']) ?? 'unknown',
    details: json(row, 'details') as Readonly<Record<string, unknown>>,
    ...present({ traceId: optionalText(row, 'trace_id') }),
  };
}

/** Adds a record in a transaction that also does what the record is of. */
export async function appendRecord(transaction: SqlTransaction, record: NewAuditRecord): Promise<AuditRecord> {
  const details = JSON.stringify(record.details);
  if (details.length > MAXIMUM_DETAILS) throw new StoreError('rejected', `the details of an audit record are ${details.length} characters of JSON, and ${MAXIMUM_DETAILS} may be kept`);
  const [row] = await transaction.rows(
    `INSERT INTO audit (at, tenant, subject, request_id, trace_id, policy_version, action, target, outcome, details, authority)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *`,
    [transaction.now, record.owner.tenant, record.owner.subject, record.requestId, record.traceId ?? null, record.policyVersion, record.action, record.target, record.outcome, details, record.owner.authority ?? null],
  );
  if (row === undefined) throw new StoreError('corrupt', 'an audit record that was written is not there');
  return toRecord(row);
}

export function createSqlAuditStore(database: SqlDatabase): AuditStore {
  return {
    append: (record) => database.transaction((transaction) => appendRecord(transaction, record)),
    list: (tenant, page) =>
      database.transaction(async (transaction) => {
        const rows = await transaction.rows("SELECT * FROM audit WHERE tenant = $1 AND seq < $2 AND ($3 = '' OR request_id = $3) ORDER BY seq DESC LIMIT $4", [tenant, pageStart(page), page.requestId ?? '', pageReach(page)]);
        return toPage(page, rows.map((row) => ({ seq: integer(row, 'seq'), item: toRecord(row) })));
      }),
    prune: (before) =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows('DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE at < $1 ORDER BY seq LIMIT $2) RETURNING seq', [before, pruneBatch]);
        return gone.length;
      }),
  };
}

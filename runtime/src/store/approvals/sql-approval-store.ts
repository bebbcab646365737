import { appendRecord } from '../audit/sql-audit-store.ts';
import type { NewAuditRecord } from '../audit/audit-store.ts';
import { isSameOwner } from '../owner.ts';
import { pruneBatch } from '../prune-all.ts';
import { toOwner } from '../sql/owned-by.ts';
import { integer, json, optionalInteger, optionalText, present, text } from '../sql/row.ts';
import type { SqlDatabase, SqlRow, SqlTransaction, SqlValue } from '../sql/sql-database.ts';
import { pageReach, pageStart, toPage, type Page, type PageRequest } from '../page.ts';
import { StoreError } from '../store-error.ts';
import type { Approval, ApprovalState, ApprovalStore, Decision, NewApproval } from './approval-store.ts';

const states: readonly ApprovalState[] = ['pending', 'approved', 'rejected', 'used', 'expired'];

/** A pending one is expired by the time alone, and so is an approved one that was not used. */
function stateAt(row: SqlRow, now: number): ApprovalState {
  const state = states.find((known) => known === row['state']);
  if (state === undefined) throw new StoreError('corrupt', 'an approval of the store has a state that this version does not know');
  return (state === 'pending' || state === 'approved') && integer(row, 'expires_at') <= now ? 'expired' : state;
}

function toApproval(row: SqlRow, now: number): Approval {
  return {
    id: text(row, 'id'),
    owner: toOwner(row),
    requestId: text(row, 'request_id'),
    tool: text(row, 'tool'),
    rule: text(row, 'rule'),
    digest: text(row, 'digest'),
    diff: json(row, 'diff'),
    state: stateAt(row, now),
    createdAt: integer(row, 'created_at'),
    expiresAt: integer(row, 'expires_at'),
    ...present({ decidedBy: optionalText(row, 'decided_by'), reason: optionalText(row, 'reason'), decidedAt: optionalInteger(row, 'decided_at') }),
  };
}

async function find(transaction: SqlTransaction, id: string, tenant: string): Promise<Approval | undefined> {
  const [row] = await transaction.rows('SELECT * FROM approvals WHERE id = $1 AND tenant = $2', [id, tenant]);
  return row === undefined ? undefined : toApproval(row, transaction.now);
}

async function request(transaction: SqlTransaction, approval: NewApproval): ReturnType<ApprovalStore['request']> {
  const { id, owner, requestId, tool, rule, digest, diff, ttlMs } = approval;
  await transaction.rows(
    `INSERT INTO approvals (id, tenant, subject, request_id, tool, rule, digest, diff, state, created_at, expires_at, authority)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
    [id, owner.tenant, owner.subject, requestId, tool, rule, digest, JSON.stringify(diff), transaction.now, transaction.now + ttlMs, owner.authority ?? null],
  );
  const found = await find(transaction, id, owner.tenant);
  if (found === undefined || found.digest !== digest || !isSameOwner(found.owner, owner)) return { outcome: 'conflict' };
  return { outcome: 'pending', approval: found };
}

/** In the terms of the index by tenant, state and number: a write that needs approval looks for one, and approvals are kept for a month. */
function inState(state: ApprovalState | undefined, now: number): { readonly condition: string; readonly parameters: readonly SqlValue[] } {
  if (state === undefined) return { condition: '', parameters: [] };
  if (state === 'expired') return { condition: "AND state IN ('pending', 'approved') AND expires_at <= $4", parameters: [now] };
  if (state === 'pending' || state === 'approved') return { condition: 'AND state = $4 AND expires_at > $5', parameters: [state, now] };
  return { condition: 'AND state = $4', parameters: [state] };
}

async function list(transaction: SqlTransaction, tenant: string, page: PageRequest & { readonly state?: ApprovalState | undefined }): Promise<Page<Approval>> {
  const { now } = transaction;
  const { condition, parameters } = inState(page.state, now);
  const rows = await transaction.rows(`SELECT * FROM approvals WHERE tenant = $1 AND seq < $2 ${condition} ORDER BY seq DESC LIMIT $3`, [tenant, pageStart(page), pageReach(page), ...parameters]);
  return toPage(page, rows.map((row) => ({ seq: integer(row, 'seq'), item: toApproval(row, now) })));
}

async function decide(transaction: SqlTransaction, target: { readonly id: string; readonly tenant: string; readonly decision: Decision; readonly recordOf: (approval: Approval) => NewAuditRecord }): ReturnType<ApprovalStore['decide']> {
  const { id, tenant, decision, recordOf } = target;
  const found = await find(transaction, id, tenant);
  if (found === undefined) return { outcome: 'unknown' };
  // By the name, whoever vouched for it: a person's key is still that person's.
  if (found.owner.subject === decision.by) return { outcome: 'own' };
  const [row] = await transaction.rows(
    "UPDATE approvals SET state = $3, decided_by = $4, reason = $5, decided_at = $6 WHERE id = $1 AND tenant = $2 AND state = 'pending' AND expires_at > $6 RETURNING *",
    [id, tenant, decision.decision, decision.by, decision.reason ?? null, transaction.now],
  );
  if (row === undefined) return { outcome: 'already-decided' };
  const approval = toApproval(row, transaction.now);
  await appendRecord(transaction, recordOf(approval));
  return { outcome: 'decided', approval };
}

async function use(transaction: SqlTransaction, target: { readonly id: string; readonly tenant: string; readonly digest: string }): ReturnType<ApprovalStore['use']> {
  const { id, tenant, digest } = target;
  const spent = await transaction.rows("UPDATE approvals SET state = 'used' WHERE id = $1 AND tenant = $2 AND digest = $3 AND state = 'approved' AND expires_at > $4 RETURNING id", [id, tenant, digest, transaction.now]);
  if (spent.length > 0) return 'used';
  const found = await find(transaction, id, tenant);
  if (found === undefined) return 'unknown';
  return found.digest === digest ? 'not-approved' : 'other-write';
}

export function createSqlApprovalStore(database: SqlDatabase): ApprovalStore {
  return {
    request: (approval) => database.transaction((transaction) => request(transaction, approval)),
    get: (id, tenant) => database.transaction((transaction) => find(transaction, id, tenant)),
    list: (tenant, page) => database.transaction((transaction) => list(transaction, tenant, page)),
    decide: (id, tenant, decision, recordOf) => database.transaction((transaction) => decide(transaction, { id, tenant, decision, recordOf })),
    use: (id, tenant, digest) => database.transaction((transaction) => use(transaction, { id, tenant, digest })),
    prune: (before) =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows('DELETE FROM approvals WHERE id IN (SELECT id FROM approvals WHERE expires_at < $1 LIMIT $2) RETURNING id', [before, pruneBatch]);
        return gone.length;
      }),
  };
}

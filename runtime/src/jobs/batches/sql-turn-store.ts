import type { Reservation } from '../../budgets/ledger.ts';
import type { ModelReply, ModelRequest } from '../../providers/model-client.ts';
import { modelFailures } from '../../providers/model-error.ts';
import { flag, integer, json, optionalJson, optionalText, text } from '../../store/sql/row.ts';
import type { SqlDatabase, SqlRow, SqlTransaction } from '../../store/sql/sql-database.ts';
import { StoreError } from '../../store/store-error.ts';
import type { BatchedTurn, DueBatch, GatheredBatch, GatherRules, NewTurn, TurnEnd, TurnStore } from './turn-store.ts';

/** Handled in one transaction at most; the rest follows with the next. */
const BATCH = 100;
/** Batches that ended are known for so long, so that none of them is taken for one that was lost. Milliseconds. */
const knownMs = 7 * 86_400_000;
const jobEnded = "(SELECT 1 FROM jobs j WHERE j.id = batched_turns.job_id AND j.state NOT IN ('queued', 'running')) IS NOT NULL";

function reservationOf(row: SqlRow): Reservation | undefined {
  return optionalJson(row, 'reservation') as Reservation | undefined;
}

function reservationsOf(rows: readonly SqlRow[]): readonly Reservation[] {
  return rows.flatMap((row) => reservationOf(row) ?? []);
}

function toTurn(row: SqlRow, now: number): BatchedTurn {
  const facts = { digest: text(row, 'digest'), ageMs: now - integer(row, 'created_at') };
  const state = text(row, 'state');
  switch (state) {
    case 'answered':
      return { ...facts, state, reply: json(row, 'reply') as ModelReply };
    case 'refused': {
      const failure = modelFailures.find((known) => known === optionalText(row, 'failure')) ?? 'invalid_request';
      return { ...facts, state, failure };
    }
    case 'waiting':
    case 'sent':
    case 'unanswered':
      return { ...facts, state };
    default:
      throw new StoreError('corrupt', `a turn of the store has the state ${state}, which this version does not know`);
  }
}

async function add(transaction: SqlTransaction, target: string, { jobId, digest, request, reservation }: NewTurn, keep: KeepReservation): Promise<'added' | 'known'> {
  const [row] = await transaction.rows(
    "INSERT INTO batched_turns (job_id, target, digest, request, reservation, state, created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6) ON CONFLICT (job_id) DO NOTHING RETURNING job_id",
    [jobId, target, digest, JSON.stringify(request), reservation === undefined ? null : JSON.stringify(reservation), transaction.now],
  );
  if (row === undefined) return 'known';
  if (reservation !== undefined) await keep(transaction, reservation);
  return 'added';
}

/** Keeps a reservation for as long as its turn may take: with the turn, or not at all. */
export type KeepReservation = (transaction: SqlTransaction, reservation: Reservation) => Promise<void>;

/** The oldest first, as many as a batch may hold. */
function fitting(rows: readonly SqlRow[], { maxBytes }: GatherRules): readonly SqlRow[] {
  let bytes = 0;
  return rows.filter((row, index) => {
    bytes += integer(row, 'bytes');
    return index === 0 || bytes <= maxBytes;
  });
}

async function gather(transaction: SqlTransaction, target: string, rules: GatherRules, id: string): Promise<GatheredBatch | undefined> {
  await transaction.lock(`model-batches:${target}`);
  const { now } = transaction;
  // Requests are read of those that are taken alone: all that wait may be more than a process has memory for.
  const rows = await transaction.rows("SELECT job_id, octet_length(request) AS bytes, created_at FROM batched_turns WHERE target = $1 AND state = 'waiting' ORDER BY created_at, job_id LIMIT $2", [target, rules.maxTurns]);
  const [oldest] = rows;
  if (oldest === undefined || (rows.length < rules.maxTurns && integer(oldest, 'created_at') > now - rules.collectMs)) return undefined;
  const turns: { customId: string; request: ModelRequest }[] = [];
  for (const row of fitting(rows, rules)) {
    const customId = `${id}_${turns.length}`;
    // Whoever waits for it may have withdrawn it in between.
    const [sent] = await transaction.rows("UPDATE batched_turns SET state = 'sent', batch_id = $2, custom_id = $3 WHERE job_id = $1 AND state = 'waiting' RETURNING request", [text(row, 'job_id'), id, customId]);
    if (sent !== undefined) turns.push({ customId, request: json(sent, 'request') as ModelRequest });
  }
  if (turns.length === 0) return undefined;
  await transaction.rows("INSERT INTO model_batches (id, target, state, size, submissions, submitted_at, next_at) VALUES ($1, $2, 'submitting', $3, 1, $4, $5)", [id, target, turns.length, now, now + rules.leaseMs]);
  return { id, turns };
}

async function again(transaction: SqlTransaction, id: string, leaseMs: number): Promise<GatheredBatch> {
  await transaction.rows('UPDATE model_batches SET submissions = submissions + 1, submitted_at = $2, next_at = $3 WHERE id = $1', [id, transaction.now, transaction.now + leaseMs]);
  const rows = await transaction.rows("SELECT custom_id, request FROM batched_turns WHERE batch_id = $1 AND state = 'sent' ORDER BY custom_id", [id]);
  return { id, turns: rows.map((row) => ({ customId: text(row, 'custom_id'), request: json(row, 'request') as ModelRequest })) };
}

async function wantedOf(transaction: SqlTransaction, row: SqlRow): Promise<DueBatch['wanted']> {
  if (flag(row, 'cancelled')) return 'stopped';
  const [waits] = await transaction.rows(`SELECT 1 AS one FROM batched_turns WHERE batch_id = $1 AND NOT ${jobEnded} LIMIT 1`, [text(row, 'id')]);
  return waits === undefined ? 'nobody' : 'yes';
}

async function due(transaction: SqlTransaction, target: string, leaseMs: number): Promise<DueBatch | undefined> {
  await transaction.lock(`model-batches:${target}`);
  const [row] = await transaction.rows(
    `UPDATE model_batches SET next_at = $3, looks = looks + 1
     WHERE state <> 'ended' AND id = (SELECT id FROM model_batches WHERE target = $1 AND state <> 'ended' AND next_at <= $2 ORDER BY next_at, id LIMIT 1) RETURNING *`,
    [target, transaction.now, transaction.now + leaseMs],
  );
  if (row === undefined) return undefined;
  return {
    id: text(row, 'id'),
    providerId: optionalText(row, 'provider_id'),
    state: text(row, 'state') === 'submitting' ? 'submitting' : 'submitted',
    size: integer(row, 'size'),
    submissions: integer(row, 'submissions'),
    submittedAt: integer(row, 'submitted_at'),
    submittedMs: transaction.now - integer(row, 'submitted_at'),
    looks: integer(row, 'looks'),
    wanted: await wantedOf(transaction, row),
  };
}

/** The job is held first: one that is just being put aside is woken, or sees the end itself. */
async function endTurn(transaction: SqlTransaction, jobId: string, end: TurnEnd): Promise<void> {
  await transaction.rows('UPDATE jobs SET updated_at = $2 WHERE id = $1', [jobId, transaction.now]);
  const reply = end.state === 'answered' ? JSON.stringify(end.reply) : null;
  await transaction.rows("UPDATE batched_turns SET state = $2, reply = $3, failure = $4, request = '{}' WHERE job_id = $1 AND state = 'sent'", [jobId, end.state, reply, end.state === 'refused' ? end.failure : null]);
  await transaction.rows("UPDATE jobs SET run_at = $2 WHERE id = $1 AND state = 'queued' AND run_at > $2", [jobId, transaction.now]);
}

async function close(transaction: SqlTransaction, id: string): Promise<readonly Reservation[]> {
  const rows = await transaction.rows("SELECT job_id, reservation FROM batched_turns WHERE batch_id = $1 AND state = 'sent' ORDER BY job_id", [id]);
  for (const row of rows) await endTurn(transaction, text(row, 'job_id'), { state: 'unanswered' });
  await transaction.rows("UPDATE model_batches SET state = 'ended', next_at = $2 WHERE id = $1", [id, transaction.now]);
  await transaction.rows("DELETE FROM model_batches WHERE state = 'ended' AND next_at < $1", [transaction.now - knownMs]);
  return reservationsOf(rows);
}

/** `target`: names the provider, its address and the model; a batch is the matter of the processes that ask the same one. `keep`: not set where reservations stand long enough by themselves. */
export function createSqlTurnStore(database: SqlDatabase, target: string, keep: KeepReservation = async () => {}): TurnStore {
  const run = <T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T> => database.transaction(work);
  return {
    read: (jobId) =>
      run(async (transaction) => {
        const [row] = await transaction.rows('SELECT * FROM batched_turns WHERE job_id = $1', [jobId]);
        return row === undefined ? undefined : toTurn(row, transaction.now);
      }),
    add: (turn) => run((transaction) => add(transaction, target, turn, keep)),
    withdraw: (jobId) =>
      run(async (transaction) => {
        const [row] = await transaction.rows("UPDATE batched_turns SET state = 'unanswered', request = '{}' WHERE job_id = $1 AND state = 'waiting' RETURNING reservation", [jobId]);
        return row === undefined ? undefined : reservationOf(row);
      }),
    abandoned: () => run(async (transaction) => reservationsOf(await transaction.rows(`DELETE FROM batched_turns WHERE state = 'waiting' AND job_id IN (SELECT job_id FROM batched_turns WHERE target = $1 AND state = 'waiting' AND ${jobEnded} LIMIT $2) RETURNING reservation`, [target, BATCH]))),
    gather: (rules, id) => run((transaction) => gather(transaction, target, rules, id)),
    again: (id, leaseMs) => run((transaction) => again(transaction, id, leaseMs)),
    submitted: (id, providerId, nextMs) => run(async (transaction) => void (await transaction.rows("UPDATE model_batches SET state = 'submitted', provider_id = $2, looks = 0, next_at = $3 WHERE id = $1 AND state <> 'ended'", [id, providerId, transaction.now + nextMs]))),
    due: (leaseMs) => run((transaction) => due(transaction, target, leaseMs)),
    known: () => run(async (transaction) => new Set((await transaction.rows('SELECT provider_id FROM model_batches WHERE target = $1 AND provider_id IS NOT NULL', [target])).map((row) => text(row, 'provider_id')))),
    lookAgain: (id, nextMs) => run(async (transaction) => void (await transaction.rows('UPDATE model_batches SET next_at = $2 WHERE id = $1', [id, transaction.now + nextMs]))),
    stopped: (id) => run(async (transaction) => void (await transaction.rows('UPDATE model_batches SET cancelled = TRUE WHERE id = $1', [id]))),
    open: (id, customId) =>
      run(async (transaction) => {
        const [row] = await transaction.rows("SELECT reservation FROM batched_turns WHERE batch_id = $1 AND custom_id = $2 AND state = 'sent'", [id, customId]);
        return row === undefined ? undefined : { reservation: reservationOf(row) };
      }),
    end: (id, customId, end) =>
      run(async (transaction) => {
        const [row] = await transaction.rows('SELECT job_id FROM batched_turns WHERE batch_id = $1 AND custom_id = $2', [id, customId]);
        if (row !== undefined) await endTurn(transaction, text(row, 'job_id'), end);
      }),
    close: (id) => run((transaction) => close(transaction, id)),
  };
}

import { pruneBatch } from '../prune-all.ts';
import { float, flag, optionalFloat, present, text } from '../sql/row.ts';
import { isoTime, time } from '../sql/timestamp.ts';
import type { SqlDatabase, SqlTransaction } from '../sql/sql-database.ts';
import { StoreError } from '../store-error.ts';
import type { AgentSessionStatus, PrecisionStore, RunHistory, RunRecord } from './precision-store.ts';

const statuses: readonly AgentSessionStatus[] = ['running', 'completed', 'failed'];

async function exists(transaction: SqlTransaction, sessionId: string): Promise<boolean> {
  return (await transaction.rows('SELECT session_id FROM agent_sessions WHERE session_id = $1', [sessionId])).length > 0;
}

async function record(transaction: SqlTransaction, sessionId: string, { precision = [], tools = [], adaptations = [] }: RunRecord): Promise<'recorded' | 'unknown'> {
  if (!(await exists(transaction, sessionId))) return 'unknown';
  const at = isoTime(transaction.now);
  for (const { level, precision: value, predictionError } of precision) {
    await transaction.rows('INSERT INTO precision_history (session_id, timestamp, level, precision_value, prediction_error) VALUES ($1, $2, $3, $4, $5)', [sessionId, at, level, value, predictionError ?? null]);
  }
  for (const { tool, outcome, executionTimeMs, predictionError } of tools) {
    await transaction.rows('INSERT INTO tool_executions (session_id, timestamp, tool_name, success, execution_time_ms, prediction_error) VALUES ($1, $2, $3, $4, $5, $6)', [
      sessionId,
      at,
      tool,
      outcome === 'success',
      executionTimeMs ?? null,
      predictionError ?? null,
    ]);
  }
  for (const { cause, action, oldPrecision, newPrecision } of adaptations) {
    await transaction.rows('INSERT INTO adaptation_events (session_id, timestamp, cause, action, old_precision, new_precision) VALUES ($1, $2, $3, $4, $5, $6)', [sessionId, at, cause, action, oldPrecision, newPrecision]);
  }
  return 'recorded';
}

async function history(transaction: SqlTransaction, sessionId: string, limit: number): Promise<RunHistory | undefined> {
  const [run] = await transaction.rows('SELECT * FROM agent_sessions WHERE session_id = $1', [sessionId]);
  if (run === undefined) return undefined;
  const status = statuses.find((known) => known === run['status']);
  if (status === undefined) throw new StoreError('corrupt', 'a run of the store has a status that this version does not know');
  const last = async (table: 'precision_history' | 'tool_executions' | 'adaptation_events') =>
    (await transaction.rows(`SELECT * FROM ${table} WHERE session_id = $1 ORDER BY id DESC LIMIT $2`, [sessionId, limit])).toReversed();
  const precision = await last('precision_history');
  const tools = await last('tool_executions');
  const adaptations = await last('adaptation_events');
  return {
    agentId: text(run, 'agent_id'),
    status,
    startedAt: time(run, 'start_time'),
    precision: precision.map((row) => ({ level: text(row, 'level'), precision: float(row, 'precision_value'), at: time(row, 'timestamp'), ...present({ predictionError: optionalFloat(row, 'prediction_error') }) })),
    tools: tools.map((row) => ({
      tool: text(row, 'tool_name'),
      outcome: flag(row, 'success') ? 'success' : 'failure',
      at: time(row, 'timestamp'),
      ...present({ executionTimeMs: optionalFloat(row, 'execution_time_ms'), predictionError: optionalFloat(row, 'prediction_error') }),
    })),
    adaptations: adaptations.map((row) => ({ cause: text(row, 'cause'), action: text(row, 'action'), oldPrecision: float(row, 'old_precision'), newPrecision: float(row, 'new_precision'), at: time(row, 'timestamp') })),
  };
}

async function latest(transaction: SqlTransaction, agentId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await transaction.rows(
    `SELECT level, precision_value FROM precision_history WHERE id IN (
       SELECT max(h.id) FROM precision_history h JOIN agent_sessions s ON s.session_id = h.session_id WHERE s.agent_id = $1 GROUP BY h.level
     ) ORDER BY level`,
    [agentId],
  );
  return new Map(rows.map((row) => [text(row, 'level'), float(row, 'precision_value')]));
}

export function createSqlPrecisionStore(database: SqlDatabase): PrecisionStore {
  return {
    begin: ({ sessionId, agentId }) =>
      database.transaction(async (transaction) => {
        await transaction.rows("INSERT INTO agent_sessions (session_id, agent_id, start_time, status) VALUES ($1, $2, $3, 'running') ON CONFLICT (session_id) DO NOTHING", [sessionId, agentId, isoTime(transaction.now)]);
        const [run] = await transaction.rows('SELECT agent_id FROM agent_sessions WHERE session_id = $1', [sessionId]);
        return run?.['agent_id'] === agentId ? 'begun' : 'taken';
      }),
    record: (sessionId, what) => database.transaction((transaction) => record(transaction, sessionId, what)),
    finish: (sessionId, status) =>
      database.transaction(async (transaction) => {
        const rows = await transaction.rows('UPDATE agent_sessions SET status = $2 WHERE session_id = $1 RETURNING session_id', [sessionId, status]);
        return rows.length === 0 ? 'unknown' : 'recorded';
      }),
    history: (sessionId, limit) => database.transaction((transaction) => history(transaction, sessionId, limit)),
    latest: (agentId) => database.transaction((transaction) => latest(transaction, agentId)),
    prune: (before) =>
      database.transaction(async (transaction) => {
        const gone = await transaction.rows('DELETE FROM agent_sessions WHERE session_id IN (SELECT session_id FROM agent_sessions WHERE start_time < $1 ORDER BY start_time LIMIT $2) RETURNING session_id', [isoTime(before), pruneBatch]);
        return gone.length;
      }),
  };
}

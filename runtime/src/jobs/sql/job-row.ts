import { flag, integer, json, optionalInteger, optionalJson, optionalText, present, text } from '../../store/sql/row.ts';
import { toOwner } from '../../store/sql/owned-by.ts';
import type { SqlRow } from '../../store/sql/sql-database.ts';
import { StoreError } from '../../store/store-error.ts';
import type { Job, JobState } from '../job.ts';

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead'];

function toState(value: string): JobState {
  const state = states.find((known) => known === value);
  if (state === undefined) throw new StoreError('corrupt', `a job of the store has the state ${value}, which this version does not know`);
  return state;
}

export function toJob(row: SqlRow): Job {
  return {
    id: text(row, 'id'),
    owner: toOwner(row),
    state: toState(text(row, 'state')),
    priority: integer(row, 'priority'),
    payload: json(row, 'payload'),
    attempts: integer(row, 'attempts'),
    maxAttempts: integer(row, 'max_attempts'),
    cancelRequested: flag(row, 'cancel_requested'),
    createdAt: integer(row, 'created_at'),
    runAt: integer(row, 'run_at'),
    ...present({ result: optionalJson(row, 'result'), error: optionalText(row, 'error'), finishedAt: optionalInteger(row, 'finished_at') }),
  };
}

/** Throws StoreError `rejected` for what is no JSON or larger than may be kept. */
export function toJson(what: string, value: unknown, maximum: number): string {
  const encoded = JSON.stringify(value) as string | undefined;
  if (encoded === undefined) throw new StoreError('rejected', `${what} is no JSON value`);
  if (encoded.length > maximum) throw new StoreError('rejected', `${what} is ${encoded.length} characters of JSON, and ${maximum} may be kept`);
  return encoded;
}

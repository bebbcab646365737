import type { Clock } from '../../platform/clock.ts';
import { StoreError } from '../store-error.ts';
import type { SqlDatabase } from './sql-database.ts';

export interface GuardedDatabaseOptions {
  readonly clock: Clock;
  /** Whether it says that the server gave no answer: one that refuses, or lets somebody wait for its turn, lives. */
  readonly isSilence: (error: unknown) => boolean;
  /** Transactions without an answer, in a row, after which the next are refused. */
  readonly silences: number;
  /** Milliseconds until one is let through again. */
  readonly restMs: number;
}

/** A database whose requests do not wait for a server that has stopped to answer. */
export interface GuardedDatabase {
  readonly database: SqlDatabase;
  /** Whether it answers, asked of the server itself. An answer ends the rest. */
  readonly check: () => Promise<void>;
}

/**
 * `silent`: since that many transactions; `rests`: refused until then; `tries`: one is on its way, all others are refused.
 */
type Circuit = { readonly state: 'silent'; readonly count: number } | { readonly state: 'rests'; readonly until: number } | { readonly state: 'tries' };

const answering: Circuit = { state: 'silent', count: 0 };

/**
 * Each transaction waits for a silent server for seconds, and so does its request. After some in a row the next fail at once, but for one now and then. Only
 * silence counts, and only where nobody had an answer meanwhile: a server that is slow, or whose connections are all in use, answers somebody.
 */
export function guardDatabase(inner: SqlDatabase, { clock, isSilence, silences, restMs }: GuardedDatabaseOptions): GuardedDatabase {
  let circuit: Circuit = answering;
  let answeredAt = clock.now();

  const heard = (): void => {
    answeredAt = clock.now();
    circuit = answering;
  };
  const silentSince = (begun: number): void => {
    if (answeredAt > begun) return;
    const count = circuit.state === 'silent' ? circuit.count + 1 : silences;
    circuit = count >= silences ? { state: 'rests', until: clock.now() + restMs } : { state: 'silent', count };
  };
  /** Throws StoreError for one that is not let through. */
  const enter = (): void => {
    if (circuit.state === 'silent') return;
    if (circuit.state === 'tries' || clock.now() < circuit.until) throw new StoreError('unavailable', 'the database did not answer lately, and is asked again in a moment');
    circuit = { state: 'tries' };
  };
  const run: SqlDatabase['transaction'] = async (work, limits) => {
    const begun = clock.now();
    try {
      const result = await inner.transaction(async (transaction) => {
        heard();
        return await work(transaction);
      }, limits);
      heard();
      return result;
    } catch (error) {
      if (isSilence(error)) silentSince(begun);
      // Who found no place tells nothing of the server; all else came after an answer.
      else if (error instanceof StoreError && error.failure === 'busy') circuit = circuit.state === 'tries' ? { state: 'rests', until: clock.now() } : circuit;
      else heard();
      throw error;
    }
  };
  return {
    database: {
      ...inner,
      transaction: async (work, limits) => {
        enter();
        return await run(work, limits);
      },
    },
    check: async () => void (await run(async (transaction) => await transaction.rows('SELECT 1 AS one'))),
  };
}

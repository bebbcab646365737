import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reservation } from '../../budgets/ledger.ts';
import type { ModelRequest } from '../../providers/model-client.ts';
import type { SqlDatabase, SqlTransaction } from '../../store/sql/sql-database.ts';
import type { DatabaseRig, OpenRig } from '../../store/testing/database-rig.ts';
import { createSqlTurnStore } from '../batches/sql-turn-store.ts';
import type { JobStore } from '../job-store.ts';
import { createSqlJobStore } from '../sql/sql-job-store.ts';

const rules = { collectMs: 1_000, maxTurns: 100, maxBytes: 2_500, leaseMs: 60_000 };
const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 100 }, system: 'x'.repeat(1_000), messages: [{ role: 'user', text: 'How long?' }], tools: [] };
const owner = { tenant: 'shop', subject: 'ann' };
const reservationOf = (jobId: string): Reservation => ({ id: jobId, accounts: [{ id: 'day', endsAt: 1, limit: { tokens: 5 } }], amount: { tokens: 2, microDollars: 1 } });
const reply = { text: 'Two years.', toolCalls: [], stop: 'end', usage: { inputTokens: 1, outputTokens: 1 } } as const;

/** The same database, which tells of each statement after it. */
export function heard(database: SqlDatabase, after: (sql: string, rows: readonly unknown[], transaction: SqlTransaction) => void | Promise<unknown>): SqlDatabase {
  const listening = (transaction: SqlTransaction): SqlTransaction => ({
    ...transaction,
    rows: async (sql, parameters) => {
      const rows = await transaction.rows(sql, parameters);
      await after(sql, rows, transaction);
      return rows;
    },
  });
  return { ...database, transaction: (work) => database.transaction((transaction) => work(listening(transaction))) };
}

/** What any database must do with turns that wait for a batch. Five do at first, `a` to `e`, long enough to be gathered. */
export function describeTurnStore(name: string, openRig: OpenRig): void {
  describe(`turns that wait for a batch, on ${name}`, () => {
    let rig: DatabaseRig;
    let jobs: JobStore;

    beforeEach(async () => {
      rig = await openRig();
      jobs = createSqlJobStore({ database: rig.database, random: { fraction: () => 0 } });
      const turns = createSqlTurnStore(rig.database, 't');
      for (const jobId of ['a', 'b', 'c', 'd', 'e']) {
        await jobs.enqueue({ id: jobId, owner, payload: {}, delayMs: 3_600_000 });
        expect(await turns.add({ jobId, digest: jobId, request, reservation: reservationOf(jobId) })).toBe('added');
        rig.clock.advance(1);
      }
      rig.clock.advance(1_000);
    });
    afterEach(async () => await rig.close());

    it('are sent, answered and closed, which wakes their jobs', async () => {
      const turns = createSqlTurnStore(rig.database, 't');
      expect(await turns.add({ jobId: 'a', digest: 'other', request, reservation: undefined })).toBe('known');
      expect(await turns.gather(rules, '1')).toEqual({ id: '1', turns: [{ customId: '1_0', request }, { customId: '1_1', request }] });
      expect([await turns.due(1), await createSqlTurnStore(rig.database, 'other').gather(rules, '2')]).toEqual([undefined, undefined]);
      rig.clock.advance(rules.leaseMs);
      expect(await turns.due(rules.leaseMs)).toMatchObject({ id: '1', state: 'submitting', providerId: undefined, size: 2, submissions: 1, wanted: 'yes' });
      expect(await turns.again('1', rules.leaseMs)).toMatchObject({ turns: [{ customId: '1_0' }, { customId: '1_1' }] });
      await turns.submitted('1', 'provider-1', 5);
      expect([...(await turns.known())]).toEqual(['provider-1']);
      rig.clock.advance(5);
      expect(await turns.due(5)).toMatchObject({ id: '1', state: 'submitted', providerId: 'provider-1', submissions: 2, looks: 1, wanted: 'yes' });
      expect(await turns.open('1', '1_0')).toEqual({ reservation: reservationOf('a') });
      await turns.end('1', '1_0', { state: 'answered', reply });
      await turns.end('1', '1_0', { state: 'unanswered' });
      expect([await turns.open('1', '1_0'), await turns.read('a')]).toEqual([undefined, expect.objectContaining({ digest: 'a', state: 'answered', reply })]);
      expect(await turns.close('1')).toEqual([reservationOf('b')]);
      expect(await turns.read('b')).toMatchObject({ state: 'unanswered' });
      const [lease] = [await jobs.claim('w')];
      expect([lease?.job.id, (await jobs.claim('w'))?.job.id, await jobs.claim('w')]).toEqual(['a', 'b', undefined]);
    });

    it('are there together with what is kept for them, or not at all', async () => {
      const kept: string[] = [];
      const keep = (outcome: 'keeps' | 'fails') => async (transaction: SqlTransaction, { id }: Reservation): Promise<void> => {
        kept.push(`${id} ${outcome} ${(await transaction.rows('SELECT 1 AS one FROM batched_turns WHERE job_id = $1', [id])).length}`);
        if (outcome === 'fails') throw new Error('it has lapsed');
      };
      const [keeping, failing] = [createSqlTurnStore(rig.database, 't', keep('keeps')), createSqlTurnStore(rig.database, 't', keep('fails'))];
      for (const id of ['f', 'g']) await jobs.enqueue({ id, owner, payload: {}, delayMs: 3_600_000 });
      const turn = (jobId: string) => ({ jobId, digest: jobId, request, reservation: reservationOf(jobId) });
      expect([await keeping.add(turn('f')), await keeping.add(turn('f'))]).toEqual(['added', 'known']);
      await expect(failing.add(turn('g'))).rejects.toThrow('it has lapsed');
      expect([(await keeping.read('f'))?.state, await keeping.read('g')]).toEqual(['waiting', undefined]);
      expect(kept).toEqual(['f keeps 1', 'g fails 1']);
    });

    it('are nobody\'s any more when their jobs have ended', async () => {
      const turns = createSqlTurnStore(rig.database, 't');
      await turns.gather(rules, '1');
      await turns.submitted('1', 'provider-1', 0);
      for (const jobId of ['a', 'b', 'c']) await jobs.cancel(jobId, owner);
      expect(await turns.abandoned()).toEqual([reservationOf('c')]);
      expect(await turns.due(0)).toMatchObject({ wanted: 'nobody' });
      await turns.stopped('1');
      expect(await turns.due(0)).toMatchObject({ wanted: 'stopped' });
      expect(await turns.withdraw('d')).toEqual(reservationOf('d'));
      expect([await turns.withdraw('d'), await turns.withdraw('a')]).toEqual([undefined, undefined]);
    });

    it('are put aside with their job, unless their answer has come', async () => {
      const turns = createSqlTurnStore(rig.database, 't');
      await turns.gather(rules, '1');
      rig.clock.advance(3_600_000);
      const [first, second] = [await jobs.claim('w'), await jobs.claim('w')];
      if (first === undefined || second === undefined) throw new Error('no jobs');
      await turns.end('1', '1_0', { state: 'refused', failure: 'invalid_request' });
      expect([await jobs.putAside(first, 1_000), await jobs.putAside(second, 1_000)]).toEqual(['queued', 'queued']);
      expect(await turns.read('a')).toMatchObject({ state: 'refused', failure: 'invalid_request' });
      const [now, later] = [await jobs.get('a', owner), await jobs.get('b', owner)];
      expect([(later?.runAt ?? 0) - (now?.runAt ?? 0), now?.attempts]).toEqual([1_000, 0]);
    });

    it('reads no more of the requests that wait than one batch may hold, and the rest with the next', async () => {
      let read = 0;
      const turns = createSqlTurnStore(heard(rig.database, (_sql, rows) => void (read += JSON.stringify(rows).length)), 't');
      const sizes = [];
      for (const id of ['1', '2', '3', '4']) {
        read = 0;
        sizes.push((await turns.gather(rules, id))?.turns.map(({ request: { system } }) => system.length));
        expect(read).toBeLessThan(rules.maxBytes + 1_000);
      }
      expect(sizes).toEqual([[1_000, 1_000], [1_000, 1_000], [1_000], undefined]);
    });

    it('sends no turn that was withdrawn while it was gathered, as another process can where the database is a server', async () => {
      let isFirst = true;
      const turns = createSqlTurnStore(
        heard(rig.database, async (sql, _rows, transaction) => {
          if (!isFirst || !sql.startsWith('SELECT job_id')) return;
          isFirst = false;
          await transaction.rows("UPDATE batched_turns SET state = 'unanswered', request = '{}' WHERE job_id = 'a'");
          await transaction.rows("DELETE FROM batched_turns WHERE job_id = 'b'");
        }),
        't',
      );
      expect(await turns.gather(rules, '1')).toBeUndefined();
      expect(await turns.read('a')).toMatchObject({ state: 'unanswered' });
      expect((await turns.gather(rules, '2'))?.turns.map(({ customId }) => customId)).toEqual(['2_0', '2_1']);
      expect(await turns.due(1)).toBeUndefined();
      rig.clock.advance(rules.leaseMs);
      expect(await turns.due(1)).toMatchObject({ id: '2', size: 2 });
    });
  });
}

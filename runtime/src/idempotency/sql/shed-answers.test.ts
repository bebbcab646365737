import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEffectLedger } from '../../approvals/effect-ledger.ts';
import { createSqlJobStore } from '../../jobs/sql/sql-job-store.ts';
import { pruneBatch } from '../../store/prune-all.ts';
import { openSqliteRig, type DatabaseRig } from '../../store/testing/database-rig.ts';
import { defaultIdempotencyLimits, type IdempotencyStore } from '../idempotency-store.ts';
import { createSqlIdempotencyStore } from './sql-idempotency-store.ts';
import { oldestAnswers, shedAnswers } from './shed-answers.ts';

const owner = { tenant: 'a "b"', subject: 'ann' };
const scope = JSON.stringify([owner.tenant, owner.subject, '/v1/invoke']);
const jobScope = JSON.stringify([owner.tenant, owner.subject, '/v1/jobs']);
const all = defaultIdempotencyLimits.keepMs;

let rig: DatabaseRig;
let keys: IdempotencyStore;
beforeEach(async () => {
  rig = await openSqliteRig();
  keys = createSqlIdempotencyStore(rig.database);
});
afterEach(async () => rig.close());

async function answered(key: string, requestId: string): Promise<void> {
  const begun = await keys.begin({ scope, key, fingerprint: 'f', requestId });
  if (begun.outcome === 'started') await keys.complete(begun.claim, { status: 200, headers: {}, body: 'an answer' });
}

async function wrote(requestId: string): Promise<void> {
  const ledger = createEffectLedger(keys);
  const begun = await ledger.begin({ owner, requestId, ref: 'tool-1', digest: 'd' });
  if (begun.kind !== 'fresh') throw new Error(`expected a fresh write, and it is ${begun.kind}`);
  await ledger.start(begun.claim);
  await ledger.finish(begun.claim, { kind: 'ok', content: 'paid' });
}

const firstIdOf = async (key: string): Promise<string | undefined> => {
  const begun = await keys.begin({ scope, key, fingerprint: 'f', requestId: 'second-try' });
  return begun.outcome === 'started' ? begun.claim.firstRequestId : begun.outcome;
};

describe('a key whose answer was shed', () => {
  it('begins anew', async () => {
    await answered('k', 'first-try');
    expect([await shedAnswers(rig.database, all), await shedAnswers(rig.database, all)]).toEqual([1, 0]);
    expect(await firstIdOf('k')).toBe('second-try');
  });

  it('goes on writing as its first try, when that has written', async () => {
    await wrote('first-try');
    await answered('k', 'first-try');
    expect([await shedAnswers(rig.database, all), await shedAnswers(rig.database, all)]).toEqual([1, 0]);
    expect(await firstIdOf('k')).toBe('first-try');
    expect(await createEffectLedger(keys).begin({ owner, requestId: 'first-try', ref: 'tool-1', digest: 'd' })).toMatchObject({ kind: 'done' });
  });

  it.each(['first-try0', 'first', 'other'])('is not taken for one that has written because %s has', async (requestId) => {
    await wrote(requestId);
    await answered('k', 'first-try');
    await shedAnswers(rig.database, all);
    expect(await firstIdOf('k')).toBe('second-try');
  });

  it('is not that of a job that has not ended: another try would make another job', async () => {
    const jobs = createSqlJobStore({ database: rig.database, random: { fraction: () => 0 } });
    const begun = await keys.begin({ scope: jobScope, key: 'k', fingerprint: 'f', requestId: 'first-try' });
    if (begun.outcome !== 'started') throw new Error('expected to start');
    await jobs.enqueue({ id: 'job', owner, payload: {}, once: { claim: begun.claim, responseOf: ({ id }) => ({ status: 202, headers: {}, body: JSON.stringify({ id }) }) } });
    expect(await shedAnswers(rig.database, all)).toBe(0);
    await jobs.cancel('job', owner);
    expect(await shedAnswers(rig.database, all)).toBe(1);
  });
});

describe('shedding', () => {
  it('takes the oldest first, in small batches, and what may be kept for longer not at all', async () => {
    for (let index = 0; index <= pruneBatch; index += 1) {
      await answered(`k${index}`, `r${index}`);
      rig.clock.advance(1_000);
    }
    expect(await shedAnswers(rig.database, all - 3_600_000)).toBe(0);
    expect(await shedAnswers(rig.database, all)).toBe(pruneBatch);
    expect([await firstIdOf(`k${pruneBatch}`), await firstIdOf('k0')]).toEqual(['replay', 'second-try']);
  });

  it('does not look at what says that writes were made, of which there may be very much', async () => {
    const plan = await rig.database.transaction((transaction) => transaction.rows(`EXPLAIN QUERY PLAN ${oldestAnswers}`, [0, 1]));
    expect(plan.map((row) => String(row['detail']))).toContainEqual(expect.stringContaining('USING INDEX idempotency_keys_to_shed'));
  });
});

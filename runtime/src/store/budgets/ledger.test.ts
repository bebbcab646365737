import { expect, it } from 'vitest';
import { createMemoryLedger } from '../../budgets/memory-ledger.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { openSqliteRig } from '../testing/database-rig.ts';
import { describeLedger } from '../testing/ledger-contract.ts';
import { createSqlLedger, keepReservation } from './sql-ledger.ts';

function countedIds() {
  let ids = 0;
  return { id: () => `id-${(ids += 1)}` };
}

describeLedger('memory', async () => {
  const clock = createFakeWallClock();
  return { ledger: createMemoryLedger({ clock, random: countedIds() }), clock, close: async () => {} };
});

describeLedger('SQLite', async () => {
  const rig = await openSqliteRig();
  return { ledger: createSqlLedger(rig.database, countedIds()), clock: rig.clock, close: rig.close };
});

it('keeps what was reserved for what may be begun, and charges it then like any other; not what has lapsed', async () => {
  const rig = await openSqliteRig();
  const ledger = createSqlLedger(rig.database, countedIds());
  const request = { amount: { tokens: 7, microDollars: 3 }, accounts: [{ id: 'a', limit: {}, endsAt: rig.clock.now() + 1 }], ttlMilliseconds: 1_000, lapses: 'given-back' } as const;
  const [kept, lapsed] = [await ledger.reserve(request), await ledger.reserve(request)];
  if (kept.kind === 'refused' || lapsed.kind === 'refused') throw new Error('there was room');
  await rig.database.transaction(async (transaction) => await keepReservation(transaction, kept.reservation, 5_000));
  rig.clock.advance(1_000);
  await ledger.prune();
  expect(await ledger.read('a')).toEqual({ spent: { tokens: 0, microDollars: 0 }, reserved: request.amount });
  await expect(rig.database.transaction(async (transaction) => await keepReservation(transaction, lapsed.reservation, 5_000))).rejects.toThrow('has lapsed before the call was kept');
  rig.clock.advance(4_000);
  const next = await ledger.reserve(request);
  expect(await ledger.read('a')).toEqual({ spent: request.amount, reserved: request.amount });
  expect(next.kind).toBe('reserved');
  await rig.close();
});

it('forgets accounts that have ended, and none that something is reserved of', async () => {
  const rig = await openSqliteRig();
  const ledger = createSqlLedger(rig.database, countedIds());
  const endsAt = rig.clock.now() + 10;
  const request = { amount: { tokens: 1, microDollars: 0 }, ttlMilliseconds: 1_000 };
  await ledger.reserve({ ...request, accounts: [{ id: 'a', limit: {}, endsAt }] });
  rig.clock.advance(10);
  expect(await ledger.prune()).toBe(0);
  rig.clock.advance(1_000);
  expect(await ledger.prune()).toBe(1);
  await rig.close();
});

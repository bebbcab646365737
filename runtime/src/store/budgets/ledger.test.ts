import { expect, it } from 'vitest';
import { createMemoryLedger } from '../../budgets/memory-ledger.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { openSqliteRig } from '../testing/database-rig.ts';
import { describeLedger } from '../testing/ledger-contract.ts';
import { createSqlLedger } from './sql-ledger.ts';

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

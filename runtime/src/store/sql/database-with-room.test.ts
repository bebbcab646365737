import { expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { withRoomChecked } from './database-with-room.ts';
import { openSqlite } from './sqlite-database.ts';

it('is not well for a while after a write that found no room, though it can be read', async () => {
  const clock = createFakeClock();
  const { database, check } = withRoomChecked(openSqlite({ file: ':memory:', clock: { now: () => 1 }, timer: clock, maximumBytes: 65_536 }), clock);
  await database.transaction(async (transaction) => await transaction.rows('CREATE TABLE kept (value TEXT NOT NULL) STRICT'));
  const keep = async (characters: number): Promise<void> => void (await database.transaction(async (transaction) => await transaction.rows('INSERT INTO kept VALUES ($1)', ['x'.repeat(characters)])));
  await keep(1_000);
  await expect(check()).resolves.toBeUndefined();
  await expect(keep(100_000)).rejects.toMatchObject({ failure: 'full', message: expect.stringContaining('or the disk') as unknown });
  clock.advance(29_999);
  await expect(check()).rejects.toMatchObject({ failure: 'full' });
  clock.advance(1);
  await expect(check()).resolves.toBeUndefined();
  await database.close();
});

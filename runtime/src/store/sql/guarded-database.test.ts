import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { StoreError } from '../store-error.ts';
import { guardDatabase } from './guarded-database.ts';
import type { SqlDatabase, SqlTransaction } from './sql-database.ts';

class Silence extends StoreError {
  constructor() {
    super('unavailable', 'no answer');
  }
}

const transaction: SqlTransaction = { now: 0, dialect: 'postgres', rows: async () => [], lock: async () => {} };

function open() {
  const clock = createFakeClock();
  const begun: PromiseWithResolvers<void>[] = [];
  let server: 'answers' | 'silent' | 'refuses' | 'waits' | 'full' = 'answers';
  const inner: SqlDatabase = {
    dialect: 'postgres',
    close: async () => {},
    transaction: async (work) => {
      if (server === 'waits') {
        const turn = Promise.withResolvers<void>();
        begun.push(turn);
        await turn.promise;
      }
      if (server === 'silent') {
        clock.advance(5_000);
        throw new Silence();
      }
      if (server === 'full') throw new StoreError('busy', 'no place');
      if (server === 'refuses') throw new StoreError('rejected', 'no');
      return await work(transaction);
    },
  };
  const guarded = guardDatabase(inner, { clock, isSilence: (error) => error instanceof Silence, silences: 3, restMs: 2_000 });
  const ask = async (): Promise<string> => {
    const before = clock.now();
    const come = await guarded.database.transaction(async () => 'done').catch((error: Error) => error.message);
    return `${come} after ${clock.now() - before}`;
  };
  return { clock, begun, guarded, ask, is: (next: typeof server) => (server = next) };
}

const refused = 'the database did not answer lately, and is asked again in a moment after 0';

describe('a database that stops to answer', () => {
  it('is tried by the next one where the one that tried found no place', async () => {
    const { clock, ask, is } = open();
    is('silent');
    for (let times = 0; times < 3; times += 1) await ask();
    expect(await ask()).toBe(refused);
    clock.advance(2_000);
    is('full');
    expect(await ask()).toBe('no place after 0');
    is('answers');
    expect([await ask(), await ask()]).toEqual(['done after 0', 'done after 0']);
  });

  it('is waited for by three, and then by nobody but one now and then, until it answers', async () => {
    const { clock, ask, is } = open();
    expect(await ask()).toBe('done after 0');
    is('silent');
    expect([await ask(), await ask(), await ask(), await ask(), await ask()]).toEqual([...Array.from({ length: 3 }, () => 'no answer after 5000'), refused, refused]);
    clock.advance(1_999);
    expect(await ask()).toBe(refused);
    clock.advance(1);
    // The one that tries finds the same.
    expect([await ask(), await ask()]).toEqual(['no answer after 5000', refused]);
    clock.advance(2_000);
    is('answers');
    expect([await ask(), await ask()]).toEqual(['done after 0', 'done after 0']);
    is('silent');
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([...Array.from({ length: 3 }, () => 'no answer after 5000'), refused]);
  });

  it('is tried by one at a time', async () => {
    const { clock, begun, ask, is } = open();
    is('silent');
    for (let silence = 0; silence < 3; silence += 1) await ask();
    clock.advance(2_000);
    is('waits');
    const tried = ask();
    expect(await ask()).toBe(refused);
    is('answers');
    begun[0]?.resolve();
    expect(await tried).toBe('done after 0');
    expect(await ask()).toBe('done after 0');
  });

  it('is found again by the look at its health, which is never refused', async () => {
    const { ask, guarded, is } = open();
    is('silent');
    for (let silence = 0; silence < 4; silence += 1) await ask();
    await expect(guarded.check()).rejects.toThrow('no answer');
    is('answers');
    expect(await ask()).toBe(refused);
    await guarded.check();
    expect(await ask()).toBe('done after 0');
  });

  it('is not one that refuses, nor one that answers others meanwhile', async () => {
    const { clock, ask, begun, guarded, is } = open();
    is('refuses');
    for (let refusal = 0; refusal < 5; refusal += 1) expect(await ask()).toBe('no after 0');
    is('waits');
    const waiting = Array.from({ length: 5 }, () => guarded.database.transaction(async () => 'done').catch((error: Error) => error.message));
    clock.advance(1);
    is('answers');
    expect(await ask()).toBe('done after 0');
    is('silent');
    for (const each of begun) each.resolve();
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => 'no answer'));
    is('answers');
    expect(await ask()).toBe('done after 0');
  });

  it('gives what the work itself throws, which tells nothing of the server but that it answered', async () => {
    const { ask, clock, guarded, is } = open();
    is('silent');
    for (let silence = 0; silence < 3; silence += 1) await ask();
    clock.advance(2_000);
    is('answers');
    await expect(guarded.database.transaction(async () => await Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
    expect(await ask()).toBe('done after 0');
  });
});

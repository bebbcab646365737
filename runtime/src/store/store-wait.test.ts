import { describe, expect, it } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { StoreError } from './store-error.ts';
import { createStoreWait, isAway, whyAway } from './store-wait.ts';

const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('a store', () => {
  it.each<[string, unknown, boolean]>([
    ['that cannot be reached is away', new StoreError('unavailable', 'x'), true],
    ['that takes no more connections is away', new StoreError('busy', 'x'), true],
    ['whose disk is full is away', new StoreError('full', 'x'), true],
    ['that refuses the login is not', new StoreError('rejected', 'x'), false],
    ['that is damaged is not', new StoreError('corrupt', 'x'), false],
    ['of which another error tells is', new ConfigError([], { cause: new StoreError('unavailable', 'x') }), true],
    ['of which nobody tells is not', new Error('x', { cause: 'y' }), false],
  ])('%s', (_, error, away) => {
    expect(isAway(error)).toBe(away);
  });
});

it('says why it is away in words of ours alone', () => {
  expect(whyAway(new ConfigError([], { cause: new StoreError('unavailable', 'no name') }))).toBe('no name');
  expect(whyAway(new Error('postgres://u:secret@db', { cause: 'x' }))).toBeUndefined();
});

function open(signal = new AbortController().signal) {
  const clock = createFakeClock();
  const told: unknown[] = [];
  const wait = createStoreWait({ clock, random: { fraction: () => 0.5 }, signal, onAway: (error) => told.push(['away', (error as Error).message]), onThere: (milliseconds) => told.push(['there', milliseconds]) });
  return { clock, told, wait };
}

describe('work that needs the store', () => {
  it('is done at once where it is there, and nobody is told', async () => {
    const { wait, told } = open();
    expect(await wait.until(async () => 'done')).toBe('done');
    expect(told).toEqual([]);
  });

  it('is tried again, with pauses that grow, and two lines tell of it', async () => {
    const { clock, wait, told } = open();
    const tries: number[] = [];
    let there = false;
    const done = wait.until(async () => {
      tries.push(clock.now());
      if (!there) throw new StoreError('unavailable', 'away');
      return 'done';
    });
    for (let step = 0; step < 360; step += 1) {
      await settle();
      clock.advance(125);
      there = clock.now() >= 40_000;
    }
    expect(await done).toBe('done');
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    // Less up to a half by chance.
    expect(pauses.slice(0, 5)).toEqual([375, 750, 1_500, 3_000, 6_000]);
    expect(new Set(pauses.slice(5))).toEqual(new Set([7_500]));
    expect(told).toEqual([['away', 'away'], ['there', tries.at(-1)]]);
    expect(clock.pending()).toBe(0);
  });

  it('is told of each reason once, and of no more than eight', async () => {
    const stop = new AbortController();
    const { clock, wait, told } = open(stop.signal);
    let tries = 0;
    const reasons = ['no name', 'nobody listens', 'no name', ...Array.from({ length: 9 }, (_, index) => `reason ${index}`)];
    const given = wait.until(async () => await Promise.reject(new StoreError('unavailable', reasons[(tries += 1) - 1] ?? 'no name')));
    for (let step = 0; step < 1_200; step += 1) {
      await settle();
      clock.advance(125);
    }
    expect(tries).toBeGreaterThan(reasons.length);
    expect(told).toEqual(['no name', 'nobody listens', ...Array.from({ length: 6 }, (_, index) => `reason ${index}`)].map((reason) => ['away', reason]));
    stop.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
  });

  it('fails for every other reason', async () => {
    const { wait, told } = open();
    await expect(wait.until(async () => await Promise.reject(new StoreError('rejected', 'the login')))).rejects.toThrow('the login');
    expect(told).toEqual([]);
  });

  it('is given up when the process is to end', async () => {
    const stop = new AbortController();
    const { clock, wait } = open(stop.signal);
    const given = wait.until(async () => await Promise.reject(new StoreError('unavailable', 'away')));
    await settle();
    stop.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
    expect(clock.pending()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import { openStore } from './open-store.ts';
import { StoreError } from './store-error.ts';
import { makeRoom } from './make-room.ts';
import { defaultRetention, keepUp, pruneStore, type UpkeepOptions } from './upkeep.ts';

const owner = { tenant: 'a', subject: 'ann' };
const dayMs = 86_400_000;

async function setUp() {
  const wallClock = createFakeWallClock();
  const clock = createFakeClock();
  let ids = 0;
  const store = await openStore({ location: { kind: 'sqlite', file: ':memory:' }, clock: wallClock, timer: clock, random: { fraction: () => 0, id: () => `id-${(ids += 1)}` } });
  const pruned = new Map<string, number>();
  const errors: unknown[] = [];
  const options: UpkeepOptions = {
    store,
    clock,
    wallClock,
    everyMs: 1_000,
    retention: defaultRetention,
    onError: (error) => errors.push(error),
    onPruned: (what, count) => pruned.set(what, (pruned.get(what) ?? 0) + count),
  };
  return { store, clock, wallClock, pruned, errors, options };
}

it('removes what has had its time, and nothing else', async () => {
  const { store, wallClock, pruned, errors, options } = await setUp();
  const signal = new AbortController().signal;
  await store.sessions.create({ id: 's', owner });
  await store.idempotency.begin({ scope: 'x', key: 'k', fingerprint: 'f' });
  await store.budgets.reserve({ accounts: [{ id: 'b', limit: {}, endsAt: wallClock.now() }], amount: { tokens: 1, microDollars: 0 }, ttlMilliseconds: 10 });
  await store.jobs.enqueue({ id: 'done', owner, payload: {} });
  await store.jobs.cancel('done', owner);
  await store.jobs.enqueue({ id: 'waits', owner, payload: {} });
  await store.approvals.request({ id: 'ap', owner, requestId: 'r', tool: 't', rule: 'x', digest: 'd', diff: {}, ttlMs: 10 });
  await store.audit.append({ owner, requestId: 'r', policyVersion: 'p', action: 'a', target: 't', outcome: 'done', details: {} });
  await store.tasks.keep({ id: 'task', owner, state: 'ended', body: '{}', keepMs: 10, contextId: 'c', status: 'DONE', statusAt: 1 });
  await store.precision.begin({ sessionId: 'run', agentId: 'agent' });
  await pruneStore(options, signal);
  expect([...pruned.values()]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  wallClock.advance(8 * dayMs);
  await pruneStore(options, signal);
  expect(Object.fromEntries(pruned)).toEqual({ sessions: 1, idempotency: 1, budgets: 1, knowledge: 0, tasks: 1, jobs: 1, approvals: 0, audit: 0, precision: 0 });
  wallClock.advance(400 * dayMs);
  await pruneStore(options, signal);
  expect(Object.fromEntries(pruned)).toEqual({ sessions: 1, idempotency: 1, budgets: 1, knowledge: 0, tasks: 1, jobs: 1, approvals: 1, audit: 1, precision: 1 });
  expect(await store.jobs.get('waits', owner)).toMatchObject({ state: 'queued' });
  expect(errors).toEqual([]);
  await store.close();
});

it('goes on with the rest, and comes again, when something cannot be removed', async () => {
  const { store, clock, errors, options, pruned } = await setUp();
  const stop = new AbortController();
  const away = async (): Promise<never> => {
    throw new StoreError('unavailable', 'away');
  };
  const running = keepUp({ ...options, store: { ...store, sessions: { ...store.sessions, prune: away } } }, stop.signal);
  // One for what has had its time, one for room.
  await expect.poll(() => clock.pending()).toBe(2);
  expect([errors.length, pruned.size]).toEqual([1, 8]);
  clock.advance(1_000);
  await expect.poll(() => errors.length).toBe(2);
  stop.abort();
  await running;
  expect(clock.pending()).toBe(0);
  await store.close();
});

describe('an embedded store that fills', () => {
  /** It is that full until so many batches have gone. */
  async function filled(level: number, enough = Number.POSITIVE_INFINITY) {
    const { store, wallClock, pruned, options } = await setUp();
    const answer = async (scope: string): Promise<void> => {
      const begun = await store.idempotency.begin({ scope, key: 'k', fingerprint: 'f' });
      if (begun.outcome === 'started') await store.idempotency.complete(begun.claim, { status: 200, headers: {}, body: 'an answer' });
    };
    await answer('old');
    await answer('write-done:x');
    await store.idempotency.begin({ scope: 'worked on', key: 'k', fingerprint: 'f' });
    await store.precision.begin({ sessionId: 'run', agentId: 'agent' });
    await store.jobs.enqueue({ id: 'done', owner, payload: {} });
    await store.jobs.cancel('done', owner);
    await store.jobs.enqueue({ id: 'waits', owner, payload: {} });
    for (const state of ['ended', 'running'] as const) await store.tasks.keep({ id: state, owner, state, contextId: 'chat', status: state, statusAt: 0, body: '{}', keepMs: 3_600_000 });
    wallClock.advance(570_000);
    await answer('young');
    wallClock.advance(30_000);
    await answer('new');
    let batches = 0;
    const pause = async (): Promise<void> => void (batches += 1);
    await makeRoom({ ...options, pause, store: { ...store, database: { ...store.database, fill: () => (batches < enough ? level : 0.5) } } }, new AbortController().signal);
    const outcome = async (scope: string) => (await store.idempotency.begin({ scope, key: 'k', fingerprint: 'f' })).outcome;
    return { keys: [await outcome('old'), await outcome('young'), await outcome('new'), await outcome('write-done:x')], run: await store.precision.history('run', 1), jobs: [await store.jobs.get('done', owner), await store.jobs.get('waits', owner)].map((job) => job?.state), tasks: [await store.tasks.find('ended', owner), await store.tasks.find('running', owner)].map((task) => task !== undefined), removed: pruned.get('room') };
  }

  it('is left alone until it is half full', async () => {
    expect(await filled(0.5)).toMatchObject({ keys: ['replay', 'replay', 'replay', 'replay'], run: { agentId: 'agent' }, jobs: ['cancelled', 'queued'], tasks: [true, true], removed: undefined });
  });

  it('lets the oldest go first, and no more than it must', async () => {
    expect(await filled(0.7, 2)).toMatchObject({ keys: ['started', 'replay', 'replay', 'replay'], run: { agentId: 'agent' }, jobs: ['cancelled', 'queued'], tasks: [false, true], removed: 2 });
  });

  it('never lets go of what waits, of writes, and of what was told within a minute', async () => {
    expect(await filled(0.8)).toEqual({ keys: ['started', 'replay', 'replay', 'replay'], run: undefined, jobs: [undefined, 'queued'], tasks: [false, true], removed: 4 });
  });

  it('keeps only what was just told when it would be full', async () => {
    expect(await filled(0.81)).toEqual({ keys: ['started', 'started', 'replay', 'replay'], run: undefined, jobs: [undefined, 'queued'], tasks: [false, true], removed: 5 });
  });
});

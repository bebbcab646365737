import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import { openStore } from './open-store.ts';
import { StoreError } from './store-error.ts';
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
  await store.tasks.keep({ id: 'task', owner, state: 'ended', body: '{}', keepMs: 10 });
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
  await expect.poll(() => clock.pending()).toBe(1);
  expect([errors.length, pruned.size]).toEqual([1, 8]);
  clock.advance(1_000);
  await expect.poll(() => errors.length).toBe(2);
  stop.abort();
  await running;
  expect(clock.pending()).toBe(0);
  await store.close();
});

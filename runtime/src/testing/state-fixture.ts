import { announceJobs } from '../jobs/announced-jobs.ts';
import type { Clock } from '../platform/clock.ts';
import { createFakeWallClock, type FakeWallClock } from '../platform/wall-clock-fake.ts';
import type { ServerState } from '../server/server-state.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { openShared } from '../store/shared.ts';

export interface StateFixture {
  readonly state: ServerState;
  readonly store: Store;
  readonly wallClock: FakeWallClock;
}

/** What a server keeps, in memory. */
export async function createStateFixture(clock: Clock, changes: Partial<ServerState> = {}): Promise<StateFixture> {
  const wallClock = createFakeWallClock();
  let ids = 0;
  const store = await openStore({ location: { kind: 'sqlite', file: ':memory:' }, clock: wallClock, timer: clock, random: { fraction: () => 0.5, id: () => `store-${(ids += 1)}` } });
  const { bus, rateLimiter } = await openShared({ clock, onError: () => {} });
  const { sessions, idempotency, approvals, audit, tasks } = store;
  return { store, wallClock, state: { sessions, idempotency, approvals, audit, tasks, jobs: announceJobs(store.jobs, bus), bus, rateLimiter, health: () => 'ok', storeReach: 'own', callbackRefusal: () => 'callbacks are off', ...changes } };
}

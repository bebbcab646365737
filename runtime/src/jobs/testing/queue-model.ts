import * as fc from 'fast-check';
import type { FakeWallClock } from '../../platform/wall-clock-fake.ts';
import { isEnd, type Lease } from '../job.ts';
import type { JobStore } from '../job-store.ts';

/** What may happen to a queue; `which` picks one of the leases or jobs that there are. */
export type QueueAction =
  | { readonly kind: 'enqueue'; readonly tenant: number; readonly priority: number }
  | { readonly kind: 'claim' | 'heartbeat' | 'complete' | 'fail' | 'handOver' | 'kill' | 'cancel' | 'acknowledge'; readonly which: number }
  | { readonly kind: 'wait'; readonly milliseconds: number };

const which = fc.nat({ max: 20 });
const kinds = ['claim', 'claim', 'heartbeat', 'complete', 'complete', 'fail', 'handOver', 'kill', 'cancel', 'acknowledge'] as const;

export const queueActions: fc.Arbitrary<readonly QueueAction[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('enqueue' as const), tenant: fc.nat({ max: 2 }), priority: fc.integer({ min: -2, max: 2 }) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom(...kinds), which }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.constantFrom(10, 200, 999, 1_000, 5_000) }) },
  ),
  { minLength: 5, maxLength: 60 },
);

export interface QueueWorld {
  readonly store: JobStore;
  readonly clock: FakeWallClock;
  readonly jobs: { readonly id: string; readonly owner: { readonly tenant: string; readonly subject: string } }[];
  /** Every lease that was ever given, also of workers that are dead or late: they may speak up at any time. */
  readonly leases: Lease[];
  /** How often the store said that this job is done. */
  readonly successes: Map<string, number>;
  /** The newest fence of each job. */
  readonly newest: Map<string, number>;
  /** What the store accepted of a lease that was not the newest of its job. */
  readonly stale: string[];
}

export function createQueueWorld(store: JobStore, clock: FakeWallClock): QueueWorld {
  return { store, clock, jobs: [], leases: [], successes: new Map(), newest: new Map(), stale: [] };
}

function heard({ newest, stale }: QueueWorld, lease: Lease, outcome: string): void {
  if (outcome !== 'lost' && newest.get(lease.job.id) !== lease.fence) stale.push(`${outcome} for fence ${lease.fence} of ${lease.job.id}`);
}

export async function complete(world: QueueWorld, lease: Lease): Promise<void> {
  const outcome = await world.store.complete(lease, lease.fence, [{ effect: 'result', value: lease.fence }]);
  heard(world, lease, outcome);
  if (outcome === 'succeeded') world.successes.set(lease.job.id, (world.successes.get(lease.job.id) ?? 0) + 1);
}

async function claim({ store, leases, newest }: QueueWorld, worker: string): Promise<Lease | undefined> {
  const lease = await store.claim(worker);
  if (lease === undefined) return undefined;
  leases.push(lease);
  newest.set(lease.job.id, lease.fence);
  return lease;
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items.length === 0 ? undefined : items[index % items.length];
}

async function withLease(world: QueueWorld, kind: 'heartbeat' | 'complete' | 'fail' | 'handOver' | 'kill' | 'acknowledge', lease: Lease): Promise<void> {
  switch (kind) {
    case 'heartbeat':
      return heard(world, lease, await world.store.heartbeat(lease));
    case 'complete':
      return complete(world, lease);
    case 'fail':
      return heard(world, lease, (await world.store.fail(lease, { error: 'x', retry: lease.fence % 5 === 0 ? 'never' : 'later' })).outcome);
    case 'handOver':
      return heard(world, lease, await world.store.handOver(lease));
    case 'acknowledge':
      return heard(world, lease, await world.store.acknowledgeCancel(lease));
    case 'kill':
      world.leases.splice(world.leases.indexOf(lease), 1);
  }
}

export async function act(world: QueueWorld, action: QueueAction): Promise<void> {
  if (action.kind === 'wait') return world.clock.advance(action.milliseconds);
  if (action.kind === 'claim') return void (await claim(world, 'w'));
  if (action.kind === 'enqueue') {
    const job = { id: `job-${world.jobs.length}`, owner: { tenant: `t${action.tenant}`, subject: 's' } };
    world.jobs.push(job);
    return void (await world.store.enqueue({ ...job, payload: {}, priority: action.priority }));
  }
  if (action.kind === 'cancel') {
    const job = pick(world.jobs, action.which);
    return job === undefined ? undefined : void (await world.store.cancel(job.id, job.owner));
  }
  const lease = pick(world.leases, action.which);
  if (lease !== undefined) await withLease(world, action.kind, lease);
}

/** A worker that works: it takes what there is until every job has an end. The rounds that it took. */
export async function drainQueue(world: QueueWorld, maximumRounds: number): Promise<number> {
  for (let round = 1; round <= maximumRounds; round += 1) {
    const lease = await claim(world, 'last');
    if (lease !== undefined) await complete(world, lease);
    else world.clock.advance(1_000);
    const { queued, running } = await world.store.depth();
    if (queued === 0 && running === 0) return round;
  }
  return Number.POSITIVE_INFINITY;
}

/** The jobs that have no end, each with its state. */
export async function unended({ store, jobs }: QueueWorld): Promise<readonly string[]> {
  const found = await Promise.all(jobs.map(async ({ id, owner }) => ({ id, state: (await store.get(id, owner))?.state })));
  return found.flatMap(({ id, state }) => (state !== undefined && isEnd(state) ? [] : [`${id}: ${state}`]));
}

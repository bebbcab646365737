import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createMemoryBus } from '../store/bus/memory-bus.ts';
import { announceJobs, readyChannel } from './announced-jobs.ts';
import { createFollowedJobs } from './followed-jobs.ts';
import type { Lease } from './job.ts';
import { createWorkerRig, owner, settleDown, type WorkerRig } from './testing/worker-rig.ts';
import { watchJob, type WatchRequest } from './watch-job.ts';

let rig: WorkerRig;
beforeEach(async () => {
  rig = await createWorkerRig();
});
afterEach(async () => rig.close());

async function claimed(): Promise<Lease> {
  const lease = await rig.store.claim('w');
  if (lease === undefined) throw new Error('no job is ready');
  return lease;
}

function watching(request: Partial<WatchRequest> = {}, bus = createMemoryBus(10)) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const errors: unknown[] = [];
  const seen: string[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const options = { store: rig.store, bus, clock, followed: createFollowedJobs({ store: rig.store, clock, pollMs: 1_000, onError }), onError };
  const ended = (async () => {
    for await (const { id, type } of watchJob(options, { id: 'x', owner, after: 0, ...request }, stop.signal)) seen.push(`${id} ${type}`);
  })();
  return { clock, stop, errors, seen, ended, store: announceJobs(rig.store, bus) };
}

it('tells what was and what comes, as soon as it is announced, to the end', async () => {
  await rig.enqueue('x');
  const { seen, ended, store, clock } = watching();
  await settleDown();
  expect(seen).toEqual(['1 queued']);
  const lease = await claimed();
  await store.emit(lease, [{ type: 'progress', data: 0.5 }]);
  await settleDown();
  expect(seen).toEqual(['1 queued', '2 started', '3 progress']);
  await store.complete(lease, 'done');
  await ended;
  expect(seen.at(-1)).toBe('4 succeeded');
  expect(clock.pending()).toBe(0);
});

it('goes on after the last event that its watcher has', async () => {
  await rig.enqueue('x');
  await rig.store.complete(await claimed(), 'done');
  const late = watching({ after: 1 });
  await late.ended;
  expect(late.seen).toEqual(['2 started', '3 succeeded']);
  const done = watching({ after: 3 });
  await done.ended;
  expect(done.seen).toEqual([]);
});

it('has nothing for another owner', async () => {
  await rig.enqueue('x');
  const { seen, ended } = watching({ owner: { tenant: 'b', subject: 'ann' } });
  await ended;
  expect(seen).toEqual([]);
});

it('looks from time to time where nothing can be heard', async () => {
  await rig.enqueue('x');
  const full = createMemoryBus(0);
  const { seen, ended, clock, errors } = watching({}, full);
  await settleDown();
  await rig.store.complete(await claimed(), 'done');
  await settleDown();
  expect([seen, errors.length]).toEqual([['1 queued'], 1]);
  clock.advance(1_000);
  await ended;
  expect(seen).toEqual(['1 queued', '2 started', '3 succeeded']);
});

it('stops when its watcher leaves, and leaves nothing behind', async () => {
  await rig.enqueue('x');
  const bus = createMemoryBus(1);
  const { stop, ended, clock } = watching({}, bus);
  await settleDown();
  stop.abort(new Error('gone'));
  await expect(ended).rejects.toThrow('gone');
  expect(clock.pending()).toBe(0);
  await expect(bus.subscribe('other', () => {})).resolves.toBeTypeOf('function');
});

it('announces what may be taken, and what has changed of a job', async () => {
  const heard: string[] = [];
  const bus = createMemoryBus(10);
  await bus.subscribe(readyChannel, () => heard.push('ready'));
  await bus.subscribe('job.x', () => heard.push('x'));
  const store = announceJobs(rig.store, bus);
  await store.enqueue({ id: 'x', owner, payload: {} });
  await store.handOver(await claimed());
  await store.fail(await claimed(), { error: 'e', retry: 'later' });
  await store.cancel('x', owner);
  await store.redrive('x', owner);
  expect(heard).toEqual(['ready', 'ready', 'x', 'x', 'x', 'ready', 'x']);
});

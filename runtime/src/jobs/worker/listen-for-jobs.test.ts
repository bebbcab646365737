import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryBus } from '../../store/bus/memory-bus.ts';
import { announceJobs } from '../announced-jobs.ts';
import { createWorkerRig, owner, settleDown, type WorkerRig } from '../testing/worker-rig.ts';
import type { JobRun } from './job-handler.ts';
import { listenForJobs } from './listen-for-jobs.ts';

let rig: WorkerRig;
beforeEach(async () => {
  rig = await createWorkerRig();
});
afterEach(async () => rig.close());

it('a worker hears at once of a new job, and of one that is to be stopped', async () => {
  const bus = createMemoryBus(10);
  const announced = announceJobs(rig.store, bus);
  const runs: JobRun[] = [];
  const { worker } = rig.start(async (run) => {
    runs.push(run);
    await new Promise(() => {});
  });
  const leave = await listenForJobs(worker, bus);
  await settleDown();
  await announced.enqueue({ id: 'x', owner, payload: {} });
  await announced.enqueue({ id: 'y', owner, payload: {} });
  await settleDown();
  expect(runs.map(({ job }) => job.id)).toEqual(['x', 'y']);
  expect(await announced.cancel('x', owner)).toBe('cancelling');
  await settleDown();
  expect(await rig.job('x')).toMatchObject({ state: 'cancelled' });
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  await leave();
  await announced.cancel('y', owner);
  await settleDown();
  expect(await rig.job('y')).toMatchObject({ state: 'running', cancelRequested: true });
});

it('leaves nothing behind when it cannot listen to all', async () => {
  const bus = createMemoryBus(1);
  await expect(listenForJobs({ wake: () => {}, lookAfter: () => {} }, bus)).rejects.toMatchObject({ name: 'StoreError', failure: 'busy' });
  await expect(bus.subscribe('other', () => {})).resolves.toBeTypeOf('function');
});

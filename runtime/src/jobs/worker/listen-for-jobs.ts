import type { Bus } from '../../store/bus/bus.ts';
import { cancelChannel, readyChannel } from '../announced-jobs.ts';
import type { Worker } from './worker.ts';

/** Lets a worker hear at once of jobs that may be taken or are to be stopped. The returned function ends it. Throws StoreError: then the worker looks for itself alone. */
export async function listenForJobs(worker: Pick<Worker, 'wake' | 'lookAfter'>, bus: Pick<Bus, 'subscribe'>): Promise<() => Promise<void>> {
  const leaveReady = await bus.subscribe(readyChannel, worker.wake);
  try {
    const leaveCancel = await bus.subscribe(cancelChannel, worker.lookAfter);
    return async () => {
      await leaveReady();
      await leaveCancel();
    };
  } catch (error) {
    await leaveReady();
    throw error;
  }
}

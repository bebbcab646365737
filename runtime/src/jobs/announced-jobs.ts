import type { Bus } from '../store/bus/bus.ts';
import type { JobStore } from './job-store.ts';

/** Workers listen here for jobs that may be taken. */
export const readyChannel = 'jobs';

/** Workers listen here for the ids of jobs that their owners want stopped. */
export const cancelChannel = 'jobs.cancelled';

/** Whoever watches a job listens here. The message is empty: what has changed is in the store. */
export function jobChannel(id: string): string {
  return `job.${id}`;
}

/** A store that tells other replicas of what it has written. A message that is lost costs time alone, as all look for themselves too. */
export function announceJobs(store: JobStore, bus: Pick<Bus, 'publish'>): JobStore {
  const after = async <T>(written: Promise<T>, ...channels: readonly string[]): Promise<T> => {
    const result = await written;
    for (const channel of channels) await bus.publish(channel, '');
    return result;
  };
  return {
    ...store,
    enqueue: (job) => after(store.enqueue(job), readyChannel),
    redrive: (id, owner) => after(store.redrive(id, owner), readyChannel, jobChannel(id)),
    cancel: async (id, owner) => {
      const cancelled = await after(store.cancel(id, owner), jobChannel(id));
      if (cancelled === 'cancelling') await bus.publish(cancelChannel, id);
      return cancelled;
    },
    emit: (lease, events) => after(store.emit(lease, events), jobChannel(lease.job.id)),
    complete: (lease, result, effects) => after(store.complete(lease, result, effects), jobChannel(lease.job.id)),
    fail: (lease, failure) => after(store.fail(lease, failure), jobChannel(lease.job.id)),
    acknowledgeCancel: (lease) => after(store.acknowledgeCancel(lease), jobChannel(lease.job.id)),
    putAside: (lease, delayMs) => after(store.putAside(lease, delayMs), jobChannel(lease.job.id)),
    handOver: (lease) => after(store.handOver(lease), readyChannel, jobChannel(lease.job.id)),
  };
}

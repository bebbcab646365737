import type { JobStore } from '../job-store.ts';
import type { Lease } from '../job.ts';
import { JobFailure, JobStopped } from './job-failure.ts';
import type { EffectOptions, JobRun } from './job-handler.ts';

async function runEffect<T>(store: JobStore, lease: Lease, effect: { readonly name: string; readonly options: EffectOptions; readonly work: (key: string) => Promise<T> }): Promise<T> {
  const { name, options, work } = effect;
  const begun = await store.beginEffect(lease, name);
  if (begun.state === 'lost') throw new JobStopped('lost');
  // JSON, as the store gives it back: what the effect gave in the attempt that did it.
  if (begun.state === 'done') return begun.value as T;
  if (begun.state === 'unknown' && options.repeat === 'never') throw new JobFailure(`an attempt was lost during "${name}", and nobody knows whether it got through`, { retry: 'never' });
  const value = await work(`${lease.job.id}/${name}`);
  if ((await store.finishEffect(lease, name, value ?? null)) === 'lost') throw new JobStopped('lost');
  return value;
}

export function createJobRun(store: JobStore, lease: Lease, signal: AbortSignal): JobRun {
  return {
    job: lease.job,
    signal,
    emit: async (type, data) => {
      if ((await store.emit(lease, [{ type, data }])) === 'lost') throw new JobStopped('lost');
    },
    effect: async (name, options, work) => {
      signal.throwIfAborted();
      return runEffect(store, lease, { name, options, work });
    },
  };
}

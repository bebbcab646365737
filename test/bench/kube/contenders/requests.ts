import { type Figures, objectName, type Spec } from '../spec.ts';
import { between, memoryBytes, readUsage } from './usage.ts';

/** Gets single objects, first one at a time and then several at a time. */
export async function measureRequests(spec: Spec, get: (name: string) => Promise<unknown>): Promise<Figures> {
  await getMany(spec, { count: spec.warmUp, concurrency: 1 }, get);
  const sequential = await getMany(spec, { count: spec.sequential, concurrency: 1 }, get);
  const concurrent = await getMany(spec, { count: spec.concurrent, concurrency: spec.concurrency }, get);
  return {
    sequentialSeconds: sequential.seconds,
    sequentialCpuSeconds: sequential.cpuSeconds,
    concurrentSeconds: concurrent.seconds,
    concurrentCpuSeconds: concurrent.cpuSeconds,
    peakRssBytes: memoryBytes('VmHWM'),
  };
}

async function getMany(
  { objects }: Spec,
  { count, concurrency }: { readonly count: number; readonly concurrency: number },
  get: (name: string) => Promise<unknown>,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const from = readUsage();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const number = next;
      next += 1;
      await get(objectName(number % objects));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return between(from, readUsage());
}

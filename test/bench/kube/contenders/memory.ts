import type { Figures, Spec } from '../spec.ts';
import { mark } from './program.ts';
import { memoryBytes, readUsage, settledMemory } from './usage.ts';

/** Fills a cache by `fill`, which resolves to a way to count what it holds; with `collect` weighs it. */
export async function measureCache(spec: Spec, fill: () => Promise<() => number>): Promise<Figures> {
  const before = spec.collect ? settledMemory() : undefined;
  const held = await fill();
  mark('synced');
  const figures = { cpuSeconds: readUsage().cpuSeconds, peakRssBytes: memoryBytes('VmHWM') };
  requireAll(held(), spec);
  if (before === undefined) return figures;
  const after = settledMemory();
  return {
    ...figures,
    heapBytesPerObject: (after.heap - before.heap) / spec.objects,
    rssBytesPerObject: (after.resident - before.resident) / spec.objects,
    // Asked for last, so that the cache is alive while it is weighed.
    objects: held(),
  };
}

/** The cluster may add an object of its own to a namespace, such as kube-root-ca.crt. Throws when one of ours is missing. */
export function requireAll(held: number, { objects }: Spec): void {
  if (held < objects) throw new Error(`${held} objects came, not ${objects}`);
}

/** Holds still for `spec.seconds` once everything is in place. */
export async function measureIdle(spec: Spec, sleep: (ms: number) => Promise<void>): Promise<Figures> {
  mark('synced');
  const from = readUsage();
  await sleep(spec.seconds * 1000);
  const to = readUsage();
  return { seconds: (to.atMs - from.atMs) / 1000, cpuSeconds: to.cpuSeconds - from.cpuSeconds, rssBytes: memoryBytes('VmRSS') };
}

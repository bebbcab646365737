import { readFileSync } from 'node:fs';
import { monotonicMs } from './clock.ts';

export interface Usage {
  readonly atMs: number;
  /** User and system time of this process with all its threads. */
  readonly cpuSeconds: number;
}

export function readUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { atMs: monotonicMs(), cpuSeconds: (user + system) / 1e6 };
}

export function between(from: Usage, to: Usage): { readonly seconds: number; readonly cpuSeconds: number } {
  return { seconds: (to.atMs - from.atMs) / 1000, cpuSeconds: to.cpuSeconds - from.cpuSeconds };
}

/** VmRSS or VmHWM of this process. Not getrusage's maximum: that one begins with the parent's. */
export function memoryBytes(field: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`/proc/self/status has no ${field}; the benchmark needs Linux`);
  return Number(kib) * 1024;
}

/** Live bytes after a full collection: the JavaScript heap with its buffers, and what is resident. Needs `--expose-gc`. */
export function settledMemory(): { readonly heap: number; readonly resident: number } {
  if (globalThis.gc === undefined) throw new Error('run node with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed + external, resident: memoryBytes('VmRSS') };
}

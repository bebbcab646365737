import type { Column } from './measure.ts';
import type { Figures } from './spec.ts';

export function whole(count: number): string {
  return count.toLocaleString('en').replaceAll(',', ' ');
}

export const cpuMicrosPerEvent: Column = { name: 'CPU µs/event', of: ({ figures }) => share(figures, 'cpuSeconds', 'events', 1e6), digits: 1 };
export const eventsPerSecond: Column = { name: 'events/s', of: ({ figures }) => share(figures, 'events', 'seconds', 1), digits: 0 };
export const reconcilesPerEvent: Column = { name: 'reconciles/event', of: ({ figures }) => share(figures, 'reconciles', 'events', 1), digits: 2 };
export const peakRss: Column = { name: 'peak RSS MiB', of: ({ figures }) => scaled(figures['peakRssBytes'], 2 ** -20), digits: 0 };
export const residentMemory: Column = { name: 'RSS MiB', of: ({ figures }) => scaled(figures['rssBytes'], 2 ** -20), digits: 0 };
export const cpuPerMinute: Column = { name: 'CPU ms/minute', of: ({ figures }) => share(figures, 'cpuSeconds', 'seconds', 60_000), digits: 0 };
/** What the writer managed. */
export const changesPerSecond: Column = { name: 'changes/s', of: ({ counts }) => share(counts, 'events', 'seconds', 1), digits: 0 };

export const latency: readonly Column[] = [
  { name: 'p50 ms', of: ({ figures }) => figures['latencyP50Ms'], digits: 2, judged: 'lower is better' },
  { name: 'p99 ms', of: ({ figures }) => figures['latencyP99Ms'], digits: 2, judged: 'lower is better' },
];

export function stage(mark: string, name: string): Column {
  return { name, of: ({ marks }) => marks[mark], digits: 0 };
}

export function bytesPerObject(kind: string, figure: string): Column {
  return { name: `${kind} bytes/object`, of: ({ figures }) => figures[figure], digits: 0 };
}

export function perSecond(name: string, count: number, seconds: string): Column {
  return { name, of: ({ figures }) => divide(count, figures[seconds]), digits: 0 };
}

export function microsPer(name: string, count: number, seconds: string): Column {
  return { name, of: ({ figures }) => scaled(figures[seconds], 1e6 / count), digits: 0 };
}

function share(figures: Figures, above: string, below: string, factor: number): number | undefined {
  return scaled(divide(figures[above], figures[below]), factor);
}

function divide(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined || below === 0 ? undefined : above / below;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

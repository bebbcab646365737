/** What a process that soaks says of itself, after a forced garbage collection. */
export interface Sample {
  /** Since the start, milliseconds. */
  readonly atMs: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Connections that it has open. */
  readonly sockets: number;
  readonly timers: number;
}

export interface SoakBounds {
  /** Slope over the second half, bytes per minute. */
  readonly heapPerMinute: number;
  readonly rssPerMinute: number;
  /** Most that may be open at once in the second half. */
  readonly sockets: number;
  readonly timers: number;
}

const MEBIBYTE = 1024 * 1024;

/** For twenty minutes: 200 changes a second are 12 000 a minute, so a hundred bytes kept of each would be 1.1 MiB a minute. */
export const longBounds: SoakBounds = { heapPerMinute: 0.5 * MEBIBYTE, rssPerMinute: 1 * MEBIBYTE, sockets: 64, timers: 200 };
/** For a minute: what a collection leaves over weighs more in it. A kilobyte kept of each change would be 11.7 MiB a minute. */
export const shortBounds: SoakBounds = { heapPerMinute: 4 * MEBIBYTE, rssPerMinute: 40 * MEBIBYTE, sockets: 64, timers: 200 };

/** Figures of the second half: in the first one caches fill and code is compiled. */
export interface SoakFigures {
  readonly heapPerMinute: number;
  readonly rssPerMinute: number;
  readonly heapMaxBytes: number;
  readonly rssMaxBytes: number;
  readonly sockets: number;
  readonly timers: number;
}

/** Throws RangeError when there are too few samples to say anything: missing data is no pass. */
export function figuresOf(samples: readonly Sample[]): SoakFigures {
  const half = samples.slice(Math.floor(samples.length / 2));
  if (half.length < 4) throw new RangeError(`${samples.length} samples are too few to judge; take at least 8, by a longer run or shorter intervals`);
  const perMinute = (valueOf: (sample: Sample) => number) => slope(half.map((sample) => ({ x: sample.atMs / 60_000, y: valueOf(sample) })));
  const most = (valueOf: (sample: Sample) => number) => Math.max(...half.map(valueOf));
  return {
    heapPerMinute: perMinute(({ heapBytes }) => heapBytes), rssPerMinute: perMinute(({ rssBytes }) => rssBytes),
    heapMaxBytes: most(({ heapBytes }) => heapBytes), rssMaxBytes: most(({ rssBytes }) => rssBytes),
    sockets: most(({ sockets }) => sockets), timers: most(({ timers }) => timers),
  };
}

/** What grew beyond its bound; empty when memory was flat. */
export function judgeSoak(figures: SoakFigures, bounds: SoakBounds): readonly string[] {
  const found: string[] = [];
  const mebibytes = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(2)} MiB`;
  if (!(figures.heapPerMinute <= bounds.heapPerMinute)) found.push(`the heap grew by ${mebibytes(figures.heapPerMinute)} a minute; the bound is ${mebibytes(bounds.heapPerMinute)}`);
  if (!(figures.rssPerMinute <= bounds.rssPerMinute)) found.push(`the resident set grew by ${mebibytes(figures.rssPerMinute)} a minute; the bound is ${mebibytes(bounds.rssPerMinute)}`);
  if (!(figures.sockets <= bounds.sockets)) found.push(`${figures.sockets} sockets were open at once; the bound is ${bounds.sockets}`);
  if (!(figures.timers <= bounds.timers)) found.push(`${figures.timers} timers were set at once; the bound is ${bounds.timers}`);
  return found;
}

/** Of the line with the least squares. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map((point) => point.x));
  const y = mean(points.map((point) => point.y));
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return spread === 0 ? Number.NaN : points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
}

import { parseExposition } from '../../../operator/src/evidence/exposition.ts';

/** Counts of a Prometheus histogram by the upper bound of the bucket, summed over all series; cumulative, as on the page. */
export type Histogram = ReadonlyMap<number, number>;

/** Reads the histogram `name`. Series that do not have the wanted labels are left out. */
export function readHistogram(page: string, name: string, labels: Readonly<Record<string, string>> = {}): Histogram {
  const { samples } = parseExposition(page, new Set([`${name}_bucket`]));
  const histogram = new Map<number, number>();
  for (const sample of samples) {
    if (Object.entries(labels).some(([label, value]) => sample.labels.get(label) !== value)) continue;
    const bound = boundOf(sample.labels.get('le'));
    histogram.set(bound, (histogram.get(bound) ?? 0) + sample.value);
  }
  return histogram;
}

/**
 * Upper bound of the bucket that holds the quantile: the truth is at most this. Undefined where nothing was observed; Infinity beyond the last
 * finite bucket.
 */
export function quantileBound(histogram: Histogram, share: number): number | undefined {
  const bounds = [...histogram].toSorted(([left], [right]) => left - right);
  const total = bounds.at(-1)?.[1] ?? 0;
  return total === 0 ? undefined : bounds.find(([, count]) => count >= share * total)?.[0];
}

function boundOf(text: string | undefined): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

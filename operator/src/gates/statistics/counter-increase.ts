import { StatisticsError } from '@sluice/statistics';

/**
 * Increases between neighbouring samples of one counter of one process, whole and without extrapolation. A value below the one
 * before means that the process began again at 0. Throws a StatisticsError on a sample that is no count.
 */
export function counterIncrease({ samples }: { readonly samples: readonly number[] }): { readonly increases: readonly number[] } {
  const increases: number[] = [];
  let previous: number | undefined;
  for (const [index, sample] of samples.entries()) {
    if (!(sample >= 0 && sample < Infinity)) throw new StatisticsError(`samples[${index}] is ${sample}; a counter is finite and not negative`);
    if (previous !== undefined) increases.push(sample < previous ? sample : sample - previous);
    previous = sample;
  }
  return { increases };
}

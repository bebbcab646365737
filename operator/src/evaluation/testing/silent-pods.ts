import type { ResultsNews, ResultsReader } from '../results-reader.ts';

/** Pods that tell nothing of their results. */
export const silentPods: ResultsReader & ResultsNews = { read: () => Promise.resolve(undefined), more: () => Promise.resolve('Quiet') };

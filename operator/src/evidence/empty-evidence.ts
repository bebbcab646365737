import type { Evidence } from './evidence-source.ts';
import { emptySample } from './sample.ts';

/**
 * A window in which nothing was counted yet; `since` is the RFC 3339 time of its beginning. `past` is what is known by then of the stable
 * pods: gates are frozen by it, and an operator that begins later would find other counts.
 */
export function emptyEvidence(since: string, past?: Evidence['past']): Evidence {
  return { since, missedScrapes: 0, stable: emptySample, canary: emptySample, ...(past === undefined ? {} : { past }) };
}

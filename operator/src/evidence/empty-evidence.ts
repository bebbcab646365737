import type { Evidence } from './evidence-source.ts';
import { emptySample } from './sample.ts';

/** A window in which nothing was counted yet; `since` is the RFC 3339 time of its beginning. */
export function emptyEvidence(since: string): Evidence {
  return { since, missedScrapes: 0, stable: emptySample, canary: emptySample };
}

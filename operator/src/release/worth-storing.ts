import { isDeepStrictEqual } from 'node:util';
import type { ReleaseStatus } from '@sluice/crds';
import { epochMsOf } from '../evidence/clock-time.ts';

/** How old the stored counts of a window may become, milliseconds. A crash loses that much of them and no verdict. */
export const storeEveryMs = 10_000;

/**
 * Whether a status is worth a write. What is decided is stored at once; counts, and sentences that only repeat them, every ten seconds:
 * each release that goes on, and in an outage the whole fleet, would be a write at every look.
 */
export function isWorthStoring(stored: ReleaseStatus, next: ReleaseStatus): boolean {
  if (isDeepStrictEqual(stored, next)) return false;
  if (!isDeepStrictEqual(decidedPart(stored), decidedPart(next))) return true;
  if (next.phase === 'Held' && next.reason === 'ProviderOutage') return false;
  const [before, now] = [stored, next].map(({ evidence }) => epochMsOf(evidence?.lastScrapeAt));
  return before === undefined || now === undefined || before === now || now - before >= storeEveryMs;
}

function decidedPart({ message: _sentence, evidence, objectives, ...decided }: ReleaseStatus): object {
  return { ...decided, window: evidence?.since, verdicts: objectives?.map(({ name, verdict }) => [name, verdict]) };
}

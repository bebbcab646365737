import { isDeepStrictEqual } from 'node:util';
import type { ReleaseStatus } from '@sluice/crds';
import { epochMsOf } from '../evidence/clock-time.ts';

/** How old the stored counts of a window may become, milliseconds. A crash loses that much of them and no verdict. */
export const storeEveryMs = 10_000;

/**
 * Whether a status is worth a write. What is decided is stored at once; counts, those of crashes too, and sentences that only repeat
 * them, every ten seconds: each release that goes on, and in an outage the whole fleet, would be a write at every look.
 */
export function isWorthStoring(stored: ReleaseStatus, next: ReleaseStatus): boolean {
  if (isDeepStrictEqual(timeless(stored), timeless(next))) return false;
  if (!isDeepStrictEqual(decidedPart(stored), decidedPart(next))) return true;
  if (next.phase === 'Held' && next.reason === 'ProviderOutage') return false;
  const isScraped = stored.evidence?.lastScrapeAt !== next.evidence?.lastScrapeAt;
  if (!isScraped && isDeepStrictEqual(uncrashed(stored), uncrashed(next))) return isOld(stored.crashes?.until, next.crashes?.until);
  return !isScraped || isOld(stored.evidence?.lastScrapeAt, next.evidence?.lastScrapeAt);
}

function isOld(stored: string | undefined, next: string | undefined): boolean {
  const [before, now] = [epochMsOf(stored), epochMsOf(next)];
  return before === undefined || now === undefined || now - before >= storeEveryMs;
}

/** Without the time that pods ran, which passes whatever happens. */
function timeless({ crashes, ...status }: ReleaseStatus): object {
  if (crashes === undefined) return status;
  const { until: _now, stable, canary, ...rest } = crashes;
  return { ...status, crashes: { ...rest, stable: { ...stable, podMilliseconds: 0 }, canary: { ...canary, podMilliseconds: 0 } } };
}

function uncrashed({ crashes: _counts, ...status }: ReleaseStatus): object {
  return status;
}

/** What a pod that is about to go has crashed is nowhere else, so it does not wait. */
function decidedPart({ message: _sentence, evidence, objectives, crashes, conditions, ...decided }: ReleaseStatus): object {
  const ofLeaving = [crashes?.stable.ofLeaving, crashes?.canary.ofLeaving];
  const told = conditions?.map(({ message: _same, ...condition }) => condition);
  return { ...decided, ofLeaving, told, window: evidence?.since, verdicts: objectives?.map(({ name, verdict }) => [name, verdict]) };
}

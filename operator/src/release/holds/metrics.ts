import type { Release, Evidence } from '@sluice/crds';
import { staleAfterMs } from '../../gates/index.ts';
import { epochMsOf, isoTime } from '../../evidence/clock-time.ts';
import type { Hindrance } from '../observation.ts';
import { planOf } from '../plan.ts';

/** Objectives that can't be measured stop the clock: maxDuration shall not take back a revision that nobody looked at. */
export function metricsMissing(release: Release, evidence: Evidence | undefined, now: number): Hindrance | undefined {
  const objectives = planOf(release)?.gates?.objectives ?? [];
  const startedAt = epochMsOf(release.status?.stepStartedAt);
  const windowFrom = epochMsOf(evidence?.since) ?? startedAt;
  if (objectives.length === 0 || startedAt === undefined || windowFrom === undefined) return undefined;
  const last = Math.max(windowFrom, epochMsOf(evidence?.lastScrapeAt) ?? 0);
  if (now - last <= staleAfterMs) return undefined;
  return { reason: 'MetricsMissing', message: `The metrics of the pods could not be read since ${isoTime(last)}, so nothing is known; check that the operator reaches port 8080 of every pod` };
}

import type { Release, Evidence, RolloutSpec } from '@sluice/crds';
import { staleAfterMs } from '../../gates/index.ts';
import { epochMsOf, isoTime } from '../../evidence/clock-time.ts';
import type { EvidenceSource } from '../../evidence/evidence-source.ts';
import type { Hindrance } from '../observation.ts';
import { planOf } from '../plan.ts';
import { hasBeenHeldFor } from './standing-hold.ts';

/** A pod's last scrape by Prometheus is taken until it is two minutes old: no more can be known than that. Milliseconds. */
const prometheusLagMs = 120_000;

/**
 * Objectives that can't be measured stop the clock: maxDuration shall not take back a revision that nobody looked at. A window that has just begun
 * has had no time to be read; but what was held for this goes on when it was read, not because the hold turned to something else and a window began with that.
 */
export function metricsMissing(release: Release, evidence: Evidence | undefined, now: number): Hindrance | undefined {
  const { objectives = [], source } = planOf(release)?.gates ?? {};
  const startedAt = epochMsOf(release.status?.stepStartedAt);
  const windowFrom = epochMsOf(evidence?.since) ?? startedAt;
  if (objectives.length === 0 || startedAt === undefined || windowFrom === undefined) return undefined;
  const scraped = epochMsOf(evidence?.lastScrapeAt);
  const oldest = now - staleAfterMs - (source === 'Prometheus' ? prometheusLagMs : 0);
  const last = Math.max(windowFrom, scraped ?? 0);
  if ((hasBeenHeldFor('MetricsMissing', release.status) ? (scraped ?? -Infinity) : last) >= oldest) return undefined;
  return { reason: 'MetricsMissing', message: `The metrics of the pods could not be read since ${isoTime(last)}, so nothing is known: ${why(evidence)}` };
}

/** Objectives that nothing can be counted for with this operator: known before the first pod, and nobody has to be served by what nobody can judge. */
export function noMetricsSource({ gates, steps = [] }: Pick<RolloutSpec, 'gates' | 'steps'> = {}, evidence: Pick<EvidenceSource, 'missing'>): Hindrance | undefined {
  const message = (gates?.objectives ?? []).length === 0 || steps.length === 0 ? undefined : evidence.missing?.(gates?.source);
  return message === undefined ? undefined : { reason: 'MetricsMissing', correction: 'NoPrometheus', message: `No release can be judged by its objectives: ${message}` };
}

function why(evidence: Evidence | undefined): string {
  const problem = evidence?.problems?.find(({ objective }) => objective === undefined);
  return problem?.reason ?? 'check that the operator reaches port 8080 of every pod';
}

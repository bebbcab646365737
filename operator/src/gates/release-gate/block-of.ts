import type { Evidence, GateMeasure, Sample } from '@sluice/crds';
import { epochMsOf } from '../../evidence/clock-time.ts';
import { emptySample } from '../../evidence/sample.ts';
import type { ScrapeBlock } from '../sequential/index.ts';
import { countsBetween } from './counts.ts';

/** What the traffic is while a block is counted. Times are milliseconds since the epoch. */
export interface BlockTraffic {
  /** Since when it has its weight; undefined while the weight changes, when nothing is proof. */
  readonly weightSince: number | undefined;
  /** Percent; of copied requests less than 0. */
  readonly weight: number;
  /** Percent that the new revision really has, where ready pods divide the traffic. */
  readonly share?: number | undefined;
}

/** What a block is counted from. */
export interface BlockCounts {
  readonly now: Evidence;
  /** As it was when the last block closed. */
  readonly before: Evidence | undefined;
  /** When the last block closed by the state of the gates, milliseconds since the epoch; undefined: none has. */
  readonly closedAt?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly lookedAt: number;
  /** Since when this process counts, milliseconds since the epoch; undefined: since the window began. */
  readonly countsFrom?: number | undefined;
  readonly measures: readonly GateMeasure[];
  readonly intervalMs: number;
}

/** Intervals without a block after which what was read makes one: nobody who cannot be read switches the gates off. */
const longestWait = 4;

/**
 * The block that closes now: totals as they are less those when the last one closed. Undefined where it is too early, or not all pods
 * have been read since, or a process that has just begun has only seen where their counts stand: an operator that dies again and again at
 * the end of a block would close nothing but empty ones. The next block is longer then, and loses nothing. When it closes is a matter of
 * time alone: never of what it counts, because that would choose the evidence by what it says. After four intervals without one, in which
 * pods could not be read, it closes without them, as `Partial`.
 */
export function blockOf(
  { now, before: stored, lookedAt, closedAt = -Infinity, countsFrom = -Infinity, measures, intervalMs }: BlockCounts,
  { weightSince, weight, share }: BlockTraffic,
): ScrapeBlock | undefined {
  // Totals of another window, given up in an outage, say nothing about this one.
  const last = stored?.since === now.since ? stored : undefined;
  const since = epochMsOf(last?.lastScrapeAt) ?? epochMsOf(now.since);
  if (since === undefined) return undefined;
  const read = epochMsOf(now.lastScrapeAt) ?? -Infinity;
  const whole = read - since >= intervalMs && read > Math.max(countsFrom, closedAt);
  const waited = lookedAt - Math.max(since, countsFrom, closedAt) >= longestWait * intervalMs;
  if (!whole && !(waited && now.missedScrapes > (last?.missedScrapes ?? 0))) return undefined;
  const at = whole ? read : lookedAt;
  const span = (revision: 'canary' | 'stable'): { readonly now: Sample; readonly before: Sample } => ({ now: now[revision], before: last?.[revision] ?? emptySample });
  const unknown = missingIn(now);
  const metrics = measures.flatMap((measure) => {
    const counts = unknown.has(measure.objective) ? undefined : countsBetween(measure, span('canary'), span('stable'));
    return counts === undefined ? [] : [[measure.metric, counts] as const];
  });
  // Another process, or another window, has seen none of what came between.
  const anew = closedAt > -Infinity && countsFrom >= closedAt;
  return { since, at, weightSince: weightSince ?? at, weight, ...(share === undefined || share === weight ? {} : { share }), ...(anew ? { counting: 'Anew' as const } : {}), completeness: whole ? 'Complete' : 'Partial', metrics: Object.fromEntries(metrics) };
}

/** Objectives that some pod could not be asked for: what the others counted is not all, and which pod is missing is no accident. */
export function missingIn({ problems = [] }: Pick<Evidence, 'problems'>): ReadonlySet<string> {
  return new Set(problems.flatMap(({ objective }) => objective ?? []));
}

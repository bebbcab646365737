import type { BlockCounts, CostCounts } from '../statistics/index.ts';
import type { CostMetric, MetricPolicy } from './policy.ts';
import type { GateState } from './state.ts';

/** What both revisions did between two scrapes. Times are milliseconds since the epoch. */
export interface ScrapeBlock {
  /** From when the counts are: the last scrape that read all pods, so that a missed scrape makes the next block longer. It may begin before a `Partial` one ended. */
  readonly since: number;
  readonly at: number;
  /** Since when the traffic has the weight that it has. */
  readonly weightSince: number;
  /** Percent of the traffic that the canary gets: blocks of one weight are compared with each other at the deadline. */
  readonly weight: number;
  /** Percent that it really gets, where pods divide the traffic and that is another: by those that are ready. */
  readonly share?: number;
  /** `Partial`: some pod could not be read, and its counts will come with a later block. It is judged for harm, and proves nothing. */
  readonly completeness: 'Complete' | 'Partial';
  /** `Anew`: another process, or another window, counts since the block before, so what came between is lost; the rest of a `Partial` block, too. */
  readonly counting?: 'Anew';
  /** By the metric's name. Rates and bounds: bad and all requests; costs: requests by bucket, and their dollars. */
  readonly metrics: Readonly<Record<string, BlockCounts | CostCounts>>;
}

/** What a decision is made on. */
export interface GateEvidence {
  /** As the last judgement returned it; undefined when the release begins. */
  readonly state: GateState;
  /** Scrapes since; those that the state has seen already are passed over. */
  readonly blocks: readonly ScrapeBlock[];
  readonly now: number;
  /** Index of the step that the release is in, and since when. */
  readonly step: number;
  readonly stepSince: number;
  /** From when the test at the deadline is counted; default: the start of the state. */
  readonly testFrom?: number | undefined;
}

/** Whether the counts can be: whole, finite, not negative, of the length that the policy says. NaN is no measurement. */
export function isMeasured(metric: MetricPolicy, counts: BlockCounts | CostCounts | undefined): counts is BlockCounts | CostCounts {
  if (counts === undefined) return false;
  if ('countsCanary' in counts) {
    const dollars = [counts.dollarsCanary ?? 0, counts.dollarsStable ?? 0];
    return metric.kind === 'Cost' && dollars.every(isAmount) && isWithoutEdges(metric, counts) && [counts.countsCanary, counts.countsStable].every((all) => all.length === metric.v.length && all.every(isCount));
  }
  const { xc, nc, xs, ns } = counts;
  return metric.kind !== 'Cost' && [xc, nc, xs, ns].every(isCount) && xc <= nc && xs <= ns;
}

/** A policy that takes the middle of a bucket for the cost of a request has no use for wider ones. Requests beyond the last edge are always told. */
function isWithoutEdges({ v, edges }: CostMetric, { countsCanary, countsStable, lackingCanary = [], lackingStable = [] }: CostCounts): boolean {
  if (lackingCanary.length + lackingStable.length === 0) return true;
  const fits = (lacking: readonly number[], counts: readonly number[]): boolean => lacking.every((index) => isCount(index) && index < v.length - 1 && counts[index] === 0);
  return edges !== undefined && fits(lackingCanary, countsCanary) && fits(lackingStable, countsStable);
}

/** NaN, a part of a request and less than none are no measurement. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** A sum of dollars. */
export function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

import { withoutGains } from '../statistics/index.ts';
import { type Breaker, closedBreaker } from './breaker.ts';
import { type MetricBooks, metricEngine } from './metric-engine.ts';
import { type GatePolicy, policyFingerprint, sameMetrics } from './policy.ts';

/** Totals of one weight: [bad canary, canary, bad stable, stable]; of a cost, what the requests cost in units of the cap in place of bad ones. */
export interface WeightTotals {
  readonly weight: number;
  readonly counts: readonly [number, number, number, number];
}

export interface MetricState {
  readonly books: MetricBooks;
  /** Whether "worse by at least the margin" was ruled out, for the margin of each step. */
  readonly latched: readonly boolean[];
  /** ln of the evidence against "not worse" when the last margin latched: from then on it stays. */
  readonly frozenHarm?: number;
  /** Scrapes in a row that did not measure it. */
  readonly missing: number;
  /** All settled counts by weight, for the sentence and the deadline test. */
  readonly totals: readonly WeightTotals[];
  /** There were more weights than are kept apart: the last of the totals is of several, so that the test at the deadline would compare what cannot be. */
  readonly mixedWeights?: 'Yes';
  /** Those of blocks that lacked pods: they count with the rest of their time. */
  readonly awaiting?: readonly WeightTotals[];
  /** Those of blocks that had not settled, or came while both revisions were in trouble, but bet on harm: the sentence of a rollback needs them. */
  readonly unsettled?: WeightTotals['counts'];
}

/** All that a verdict needs of the past: plain JSON, to be kept in the Release's status. */
export interface GateState {
  readonly fingerprint: string;
  readonly startedAt: number;
  /** Retries of the same artifact before this attempt. */
  readonly attempt: number;
  /** Those of them whose evidence could not be carried, because metrics or margins were others. */
  readonly freshStarts: number;
  readonly lastScrapeAt?: number;
  /** The last block lacked pods. Their counts come with the next one, beside those of another time. */
  readonly partial?: 'Yes';
  /** The canary's part of the traffic with the last block, percent, and that it has fallen while requests of before may still end (early-harm.ts). */
  readonly share?: number;
  readonly fallen?: 'Yes';
  /** Milliseconds that the deadline was put off, because the breaker was open. */
  readonly extendedMs: number;
  readonly deadlineTested: 'No' | 'Yes';
  /** What the test at the deadline has found of all gates, where something was in the way of promoting then. */
  readonly deadlineFound?: 'NotWorse';
  /** An attempt before, whose evidence this one carries, has had the test of the deadline, or could see how it would end: its risk of promotion is spent. */
  readonly deadlineSpent?: 'Yes';
  /** An attempt before, whose evidence this one carries, has had the test of the deadline: its half of the risk is not the bets' either. */
  readonly deadlineTaken?: 'Yes';
  readonly breaker: Breaker;
  readonly metrics: Readonly<Record<string, MetricState>>;
}

export function openState(policy: GatePolicy, startedAt: number): GateState {
  const metrics = policy.metrics.map((metric) => [
    metric.name,
    { books: metricEngine(metric, policy.steps.length).open(), latched: policy.steps.map(() => false), missing: 0, totals: [] } satisfies MetricState,
  ]);
  return {
    fingerprint: policyFingerprint(policy), startedAt, attempt: 0, freshStarts: 0, extendedMs: 0, deadlineTested: 'No', breaker: closedBreaker,
    metrics: Object.fromEntries(metrics) as GateState['metrics'],
  };
}

/**
 * The state with which a retry of the same artifact, or an edit, begins. Only what speaks against the artifact in the bets for promotion is
 * carried: capital above 1 is given up, so that nothing is proven without requests of this attempt, and the chance of being promoted wrongly is
 * alphaPromote over all attempts together. The bets for rollback begin anew, at half of the risk of the attempt before (risk.ts). Of a
 * metric with other margins, or that counts something else, nothing can be carried, and the risk of promotion is halved instead.
 */
export function carryOver(previous: GateState, policy: GatePolicy, startedAt: number): GateState {
  const fresh = openState(policy, startedAt);
  const attempt = previous.attempt + 1;
  const carries = previous.fingerprint === fresh.fingerprint;
  const same = sameMetrics(previous.fingerprint, fresh.fingerprint);
  const freshStarts = previous.freshStarts + (carries ? 0 : 1);
  const metrics = Object.entries(fresh.metrics).map(([name, metric]) => {
    const proof = (same.has(name) ? previous.metrics[name]?.books.proof : undefined) ?? metric.books.proof;
    // Counts that still waited belong to another time.
    return [name, { ...metric, books: { proof: { ...withoutGains(proof), pending: metric.books.proof.pending }, harm: metric.books.harm } }] as const;
  });
  // Else an attempt could be broken off before a test that it would fail, and asked again.
  const taken = carries && (previous.deadlineTested === 'Yes' || previous.deadlineTaken === 'Yes');
  const spent = previous.deadlineSpent === 'Yes' || previous.deadlineTested === 'Yes' || (carries && hasCounted(previous));
  // Else a rate that has become the normal one would be an outage for hours again.
  const { reference } = previous.breaker;
  const breaker = reference === undefined ? fresh.breaker : { ...fresh.breaker, reference };
  return { ...fresh, breaker, attempt, freshStarts, ...(spent ? { deadlineSpent: 'Yes' } : {}), ...(taken ? { deadlineTaken: 'Yes' } : {}), metrics: Object.fromEntries(metrics) };
}

/** What is left of the state for an attempt against another stable revision: what it cost, and no evidence; {@link carryOver} begins all metrics anew. */
export function againstAnother(state: GateState): GateState {
  return { ...state, fingerprint: '', breaker: closedBreaker, metrics: {} };
}

function hasCounted({ metrics }: GateState): boolean {
  return Object.values(metrics).some(({ totals }) => totals.length > 0);
}

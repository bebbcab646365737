import type { Role } from '../statistics/index.ts';

interface MetricTerms {
  readonly name: string;
  readonly role: Role;
  /** Share of the rollback evidence, above 0; only ratios between metrics matter. */
  readonly weight: number;
  /** Requests that share their fate, >= 1 (designEffect). */
  readonly designEffect: number;
  /** What is counted are events, of which a request may have none or many: calls of tools, counters, queries. Default: at most one to a request. */
  readonly unit?: 'Event';
  /** Digest of what exactly is counted as bad: query, selectors, edge, source. */
  readonly what?: string;
}

/** A bad-event rate, compared with the stable revision in the same time: failures, tool errors, answers without citation, slower than an edge. */
export interface RateMetric extends MetricTerms {
  readonly kind: 'Rate';
  /** One margin for each step, as a share of the requests, never rising; the last one decides about promotion. */
  readonly margins: readonly number[];
  /** `BothWays`: a fall is as suspect as a rise, as of blocked requests. Such a metric is a guard. */
  readonly direction: 'Increase' | 'BothWays';
  /** Stable's requests before the start; zeros where nothing is known. */
  readonly history: { readonly bad: number; readonly requests: number };
}

/** Mean capped cost of a request from a histogram and the sum of all costs, compared with the stable revision. */
export interface CostMetric extends MetricTerms {
  readonly kind: 'Cost';
  /** Relative: 0.2 is 20 % above stable. */
  readonly margins: readonly number[];
  /** Cost of each bucket over the cap, 0 to 1. */
  readonly v: readonly number[];
  /** Finite upper edges of the buckets over the cap. Undefined in a policy of before decision record 34: each request counts as `v` of its bucket then, and any increase is harm. */
  readonly edges?: readonly number[];
  /** The cap in dollars. */
  readonly cap?: number;
  readonly history: { readonly mean: number; readonly variance: number; readonly requests: number };
}

/** A fixed bound on a bad-event rate of the canary alone. */
export interface BoundMetric extends MetricTerms {
  readonly kind: 'Bound';
  /** Highest allowed bad rate, 0 to 1 exclusive. */
  readonly bound: number;
  /** Stable's requests before the start, for the forecast alone: the bound is held against the canary. */
  readonly history?: { readonly bad: number; readonly requests: number };
}

export type MetricPolicy = RateMetric | CostMetric | BoundMetric;

/** Frozen when the release begins; times in milliseconds. */
export interface GatePolicy {
  readonly metrics: readonly MetricPolicy[];
  /** Chance of promoting a revision that is worse by the margin on some gate. */
  readonly alphaPromote: number;
  /** Chance of rolling back, in one attempt, a revision that is worse on no metric. */
  readonly alphaRollback: number;
  /** Shortest time at each weight. The last step is the one that may promote. */
  readonly steps: readonly { readonly minimumMs: number }[];
  readonly minimumMs: number;
  readonly deadlineMs: number;
  readonly scrapeIntervalMs: number;
  /** Longest time after which a request has ended one way or the other. */
  readonly requestTimeoutMs: number;
  readonly deadlineTest: 'Off' | 'On';
  /** When the test of the deadline was to be made as the release began, if the deadline is another one now. */
  readonly deadlineTestMs?: number;
  readonly onInconclusive: 'Pause' | 'Rollback' | 'Promote';
  /** Metrics that were gates when evidence was gathered, were not proven, and are none since an edit of the plan: nothing is promised of them any more. */
  readonly droppedGates?: readonly string[];
  /**
   * `ByConnection`: connections are divided, so the requests of a client that keeps its own share their fate. `BySession`: so do those of a
   * session that is kept on its revision, and who came before the release stays with the stable one. `NotRandom`: users choose
   * their revision, as by header. In all three cases the comparison has no stated risk.
   */
  readonly routing: 'Random' | 'ByConnection' | 'BySession' | 'NotRandom';
}

/** The margins, alphas and times where nothing else is asked for. */
export const gateDefaults = {
  alphaPromote: 0.05,
  alphaRollback: 0.05,
  margins: { success: 0.02, slow: 0.025, toolErrors: 0.02, citations: 0.05, blocked: 0.02, cost: 0.2 },
  minimumMs: 900_000,
  deadlineMs: 3_600_000,
  scrapeIntervalMs: 15_000,
} as const;

/** Scrapes until the deadline: the capital is given out over them. */
export function plannedBlocks({ deadlineMs, scrapeIntervalMs }: GatePolicy): number {
  return Math.max(1, Math.ceil(deadlineMs / scrapeIntervalMs));
}

/** What evidence belongs to: it is never judged by other margins or metrics than it was gathered for. */
export function policyFingerprint({ metrics, steps }: GatePolicy): string {
  const terms = metrics.map((metric) => [
    metric.name, metric.kind, metric.kind === 'Bound' ? metric.bound : metric.margins, metric.designEffect, metric.kind === 'Cost' ? metric.v : metric.kind === 'Rate' ? metric.direction : '', metric.weight, metric.what ?? '',
  ]);
  return JSON.stringify([terms, steps.length]);
}

/** Names of the metrics whose evidence under one fingerprint is evidence under the other, too. */
export function sameMetrics(before: string, now: string): ReadonlySet<string> {
  const [old, fresh] = [termsIn(before), termsIn(now)];
  if (old.steps !== fresh.steps) return new Set();
  return new Set([...fresh.metrics].flatMap(([name, terms]) => (old.metrics.get(name) === terms ? [name] : [])));
}

function termsIn(fingerprint: string): { readonly metrics: ReadonlyMap<string, string>; readonly steps: number | undefined } {
  const known: unknown = parsed(fingerprint);
  if (!Array.isArray(known) || !Array.isArray(known[0]) || typeof known[1] !== 'number') return { metrics: new Map(), steps: undefined };
  return { metrics: new Map(known[0].map((terms: unknown) => [Array.isArray(terms) ? String(terms[0]) : '', JSON.stringify(terms)])), steps: known[1] };
}

/** Of a state that was damaged nothing is the same. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

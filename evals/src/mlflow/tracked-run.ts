import { totalCost, type CaseOutcome } from '../runner/case-outcome.ts';
import { junitReport, type ReportedVerdict } from '../reports/junit.ts';
import { markdownReport } from '../reports/markdown.ts';
import { outcomesDocument } from '../reports/outcomes-document.ts';

/** A run as a tracking server keeps it. */
export interface TrackedRun {
  readonly experiment: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly params: Readonly<Record<string, string>>;
  /** Finite numbers only. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly artifacts: readonly TrackedFile[];
  /** Set: a run of this key that the experiment has already is not told again. Letters, digits and ._:@- */
  readonly key?: string | undefined;
}

export interface TrackedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface EvaluatedRun {
  readonly suite: { readonly name: string; readonly digest: string };
  /** The agent and its revision. */
  readonly candidate: string;
  readonly baseline?: string | undefined;
  readonly model?: string | undefined;
  readonly outcomes: readonly CaseOutcome[];
  readonly baselineOutcomes?: readonly CaseOutcome[] | undefined;
  readonly verdict: ReportedVerdict;
}

/** Characters of the description that MLflow shows beside a run; longer tags are refused by older servers. */
const longestNote = 5_000;

/** What an evaluation comes to in numbers, and its reports. Questions and answers are not in it. */
export function trackedEvaluation(run: EvaluatedRun, where: Pick<TrackedRun, 'experiment' | 'startedAt' | 'endedAt' | 'key'>): TrackedRun {
  const { suite, candidate, baseline, model, outcomes, baselineOutcomes, verdict } = run;
  const markdown = markdownReport({ suiteName: suite.name, outcomes, baseline: baselineOutcomes, verdict });
  return {
    ...where,
    name: `${suite.name} ${candidate}`,
    params: { suite: suite.name, suite_digest: suite.digest, candidate, ...(baseline === undefined ? {} : { baseline }), ...(model === undefined ? {} : { model }) },
    metrics: { ...metricsOf(outcomes), ...(baselineOutcomes === undefined ? {} : prefixed('baseline/', metricsOf(baselineOutcomes))) },
    tags: { 'sluice.verdict': verdict.verdict, 'mlflow.note.content': Array.from(markdown).slice(0, longestNote).join('') },
    artifacts: [
      { name: 'report.md', mediaType: 'text/markdown', text: markdown },
      { name: 'junit.xml', mediaType: 'application/xml', text: junitReport(suite.name, outcomes, verdict) },
      { name: 'cases.json', mediaType: 'application/json', text: outcomesDocument(outcomes) },
    ],
  };
}

function metricsOf(outcomes: readonly CaseOutcome[]): Record<string, number> {
  const count = (verdict: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === verdict).length;
  const latencies = outcomes.flatMap(({ latencyMs }) => latencyMs ?? []);
  const dollars = totalCost(outcomes);
  return {
    cases: outcomes.length,
    passed: count('Passed'),
    failed: count('Failed'),
    errored: count('Errored'),
    hard_failed: outcomes.filter(({ hard, verdict }) => hard && verdict === 'Failed').length,
    flaky: outcomes.filter(({ flaky }) => flaky).length,
    ...meanMetric('pass_rate', outcomes.map(({ verdict }) => (verdict === 'Passed' ? 1 : 0))),
    ...meanMetric('mean_score', outcomes.flatMap(({ score }) => score ?? [])),
    ...meanMetric('mean_latency_ms', latencies),
    ...(latencies.length === 0 ? {} : { max_latency_ms: latencies.reduce((most, each) => Math.max(most, each), 0) }),
    ...(dollars === undefined ? {} : { cost_dollars: dollars }),
    ...tagMetrics(outcomes),
  };
}

/** Labels that cases carry, with the share of their cases that passed. */
function tagMetrics(outcomes: readonly CaseOutcome[]): Record<string, number> {
  const tags = [...new Set(outcomes.flatMap((each) => each.tags))].toSorted();
  return Object.assign({}, ...tags.map((tag) => meanMetric(`tag/${tag}/pass_rate`, outcomes.filter((each) => each.tags.includes(tag)).map(({ verdict }) => (verdict === 'Passed' ? 1 : 0))))) as Record<string, number>;
}

/** A mean of nothing is no number, and MLflow takes none. */
function meanMetric(name: string, values: readonly number[]): Record<string, number> {
  return values.length === 0 ? {} : { [name]: values.reduce((sum, value) => sum + value, 0) / values.length };
}

function prefixed(prefix: string, metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}${name}`, value]));
}

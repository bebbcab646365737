import { bernoulliCS, expectedRate, planRequests } from '../statistics/index.ts';
import { decimal } from '../wording.ts';
import { firstShare } from './accumulate.ts';
import type { GateEvidence } from './evidence.ts';
import type { Reason } from './judge.ts';
import { metricEngine } from './metric-engine.ts';
import type { GatePolicy, MetricPolicy } from './policy.ts';
import { riskOf } from './risk.ts';
import type { GateState, MetricState, WeightTotals } from './state.ts';

type Counts = WeightTotals['counts'];

interface Counted {
  readonly bad: number;
  readonly requests: number;
}

/** The numbers of one metric at one moment. Rates are shares of the requests. */
export interface MetricReport {
  readonly name: string;
  readonly role: MetricPolicy['role'];
  readonly kind: MetricPolicy['kind'];
  /** Settled counts; undefined for a cost, whose buckets are not kept. */
  readonly canary?: Counted;
  readonly stable?: Counted;
  /** What bet on harm, unsettled counts among them; undefined where that is the same. */
  readonly early?: { readonly canary: Counted; readonly stable: Counted };
  /** Range of the canary's rate that holds at all looks together, error alphaRollback. */
  readonly canaryRate?: { readonly lower: number; readonly upper: number };
  /** Of the current step; a bound for a fixed bound. */
  readonly margin: number;
  readonly proven: 'Yes' | 'No';
  /** Evidence (not its logarithm, at most 1e300) and what it must reach. */
  readonly proof: number;
  readonly proofNeeded: number;
  readonly harm: number;
  /** Canary requests that a good revision typically still needs; undefined where that is not known. */
  readonly requestsLeft?: number;
}

export function reportMetrics(state: GateState, policy: GatePolicy, { step, harm }: { readonly step: number; readonly harm: readonly number[] }): readonly MetricReport[] {
  const known = policy.metrics.filter((metric) => state.metrics[metric.name] !== undefined);
  return known.flatMap((metric, index) => {
    const metricState = state.metrics[metric.name];
    return metricState === undefined ? [] : [reportMetric(metric, metricState, { policy, state, step, harm: harm[index] ?? -Infinity })];
  });
}

function reportMetric(metric: MetricPolicy, known: MetricState, { policy, state, step, harm }: { readonly policy: GatePolicy; readonly state: GateState; readonly step: number; readonly harm: number }): MetricReport {
  const matches = known.books.proof.capital.length === 0 || known.latched.length === policy.steps.length;
  const logProof = matches ? metricEngine(metric, policy.steps.length).logProof(known.books, step) : -Infinity;
  const needed = 1 / riskOf(policy, state).anytime.promote;
  const [xc, nc, xs, ns] = known.totals.reduce(([a, b, c, d], { counts: [e, f, g, h] }) => [a + e, b + f, c + g, d + h], [0, 0, 0, 0]);
  const proven = known.latched[step] === true ? 'Yes' : 'No';
  const left = proven === 'Yes' ? 0 : requestsLeft(metric, { xs, ns, nc, step, missing: Math.log(needed) - logProof, needed });
  return {
    name: metric.name,
    role: metric.role,
    kind: metric.kind,
    ...(metric.kind === 'Cost' ? {} : { canary: { bad: xc, requests: nc }, stable: { bad: xs, requests: ns }, canaryRate: bernoulliCS({ x: xc, n: nc, alpha: policy.alphaRollback }) }),
    ...(metric.kind === 'Cost' || known.unsettled === undefined ? {} : { early: earlyCounts([xc, nc, xs, ns], known.unsettled) }),
    margin: metric.kind === 'Bound' ? metric.bound : (metric.margins[step] ?? metric.margins.at(-1) ?? 0),
    proven,
    proof: bounded(logProof),
    proofNeeded: needed,
    harm: bounded(harm),
    ...(left === undefined ? {} : { requestsLeft: left }),
  };
}

function earlyCounts([xc, nc, xs, ns]: Counts, [yc, mc, ys, ms]: Counts): NonNullable<MetricReport['early']> {
  return { canary: { bad: xc + yc, requests: nc + mc }, stable: { bad: xs + ys, requests: ns + ms } };
}

function bounded(log: number): number {
  return Math.exp(Math.min(690, log));
}

function requestsLeft(metric: MetricPolicy, { xs, ns, nc, step, missing, needed }: { readonly xs: number; readonly ns: number; readonly nc: number; readonly step: number; readonly missing: number; readonly needed: number }): number | undefined {
  if (metric.kind !== 'Rate' || nc === 0 || ns === 0 || metric.direction === 'BothWays') return undefined;
  const b = expectedRate({ bad: xs, requests: ns });
  const delta = metric.margins[step] ?? 0;
  if (!(delta > 0 && delta < 1 - b)) return undefined;
  const { growthPerCanaryRequest } = planRequests({ b, delta, stablePerCanary: ns / nc, alpha: 1 / needed, w1: firstShare });
  return Math.ceil((missing / growthPerCanaryRequest) * metric.designEffect);
}

interface Told {
  readonly reason: Reason;
  readonly metrics: readonly MetricReport[];
  readonly harm: number;
  readonly state: GateState;
  readonly evidence: GateEvidence;
  readonly policy: GatePolicy;
}

/** The verdict in one sentence: what was counted, the margin, the evidence and what it must reach. */
export function sentenceOf({ reason, metrics, harm, state, evidence, policy }: Told): string {
  const { rollback } = riskOf(policy, state).anytime;
  const culprit = metrics.toSorted((a, b) => b.harm - a.harm)[0];
  const open = metrics.find((metric) => metric.role === 'gate' && metric.proven === 'No');
  const marked = policy.routing === 'Random' ? '' : '; users were not assigned at random, so no chance of error can be stated';
  const numbers = open ?? culprit;
  const soFar = numbers === undefined ? '' : `; ${metricSentence(numbers)}`;
  switch (reason) {
    case 'HardFailure':
      return `rolled back: ${evidence.hardFailure ?? 'a hard check failed'}`;
    case 'Worse':
      return `the new revision is worse: evidence ${figure(bounded(harm))} where ${figure(1 / rollback)} decides${culprit === undefined ? '' : `, most of it from ${condemned(culprit)}`}${marked}`;
    case 'NotWorse':
    case 'DeadlineTest':
      return `${metrics.filter((metric) => metric.role === 'gate').map(counted).join('; ')}${reason === 'DeadlineTest' ? '; decided by the test at the deadline' : ''}${marked}`;
    case 'PolicyChanged':
      return 'the gates were changed while evidence was gathered; nothing is decided until the release begins anew';
    case 'NoGate':
      return 'no metric is a gate, so nothing can prove the new revision good';
    case 'DataMissing':
      return `measurements are missing: ${missingOf(state, policy)}; missing data is never a pass${soFar}`;
    case 'ProviderOutage':
      return `the stable revision is in trouble as well, which points at what both share; nothing is promoted and the deadline is put off (${Math.round(state.extendedMs / 1000)} s so far)${soFar}`;
    case 'NotSettled':
      return `requests of this step may still be running: promoted no sooner than ${Math.round((policy.requestTimeoutMs + policy.scrapeIntervalMs) / 1000)} s after the weight changed${soFar}`;
    case 'MinimumTime':
      return `the shortest time of ${open === undefined ? 'the release, whose gates are all proven,' : 'the step'} is not over yet${soFar}`;
    case 'TimeUp':
    case 'Undecided':
      return `${open === undefined ? 'all gates are proven' : metricSentence(open)}${reason === 'TimeUp' ? '; the time is up' : ''}${marked}`;
  }
}

/** What is known of one metric, with what is still needed where it is not proven. */
export function metricSentence(report: MetricReport): string {
  return `${counted(report)}${report.proven === 'No' && report.role === 'gate' ? stillNeeded(report) : ''}`;
}

/** What speaks for harm: requests that had not settled are counted too, as a failure is one at once. */
function condemned(report: MetricReport): string {
  const { name, harm, canary, stable, early = { canary, stable } } = report;
  return `${name}${numbers(early)}: ${limit(report)}, evidence ${figure(harm)} that it is worse`;
}

function numbers({ canary, stable }: { readonly canary?: Counted | undefined; readonly stable?: Counted | undefined }): string {
  return canary === undefined || stable === undefined ? '' : ` has ${rate(canary)} on the new revision and ${rate(stable)} on the stable one${difference(canary, stable)}`;
}

function counted(report: MetricReport): string {
  const { name, canary, stable, role, proof, proofNeeded, proven, harm } = report;
  const evidence = proven === 'Yes' ? `proven ${within(report)}` : role === 'gate' ? `evidence ${figure(proof)} of ${figure(proofNeeded)} that it is ${within(report)}` : `evidence ${figure(harm)} that it is worse`;
  return `${name}${numbers({ canary, stable })}: ${limit(report)}, ${evidence}`;
}

function limit({ kind, margin }: MetricReport): string {
  const percent = decimal(margin * 100, 2);
  if (kind === 'Bound') return `at most ${percent} % allowed`;
  return kind === 'Cost' ? `margin ${percent} % of the mean` : `margin ${percent} points`;
}

function within({ kind }: MetricReport): string {
  return kind === 'Bound' ? 'within the bound' : 'within the margin';
}

function rate({ bad, requests }: Counted): string {
  return requests === 0 ? 'no settled requests' : `${bad} bad of ${requests} (${decimal((bad / requests) * 100, 2)} %)`;
}

function difference(canary: Counted, stable: Counted): string {
  if (canary.requests === 0 || stable.requests === 0) return '';
  return `, ${decimal((canary.bad / canary.requests - stable.bad / stable.requests) * 100, 2)} points apart`;
}

function stillNeeded({ requestsLeft: left }: MetricReport): string {
  return left === undefined || left <= 0 ? '' : `; about ${left} more requests of the new revision are needed if it is as good`;
}

function missingOf(state: GateState, policy: GatePolicy): string {
  const lacking = policy.metrics.filter((metric) => (state.metrics[metric.name]?.missing ?? 0) > 0).map((metric) => `${metric.name} for ${state.metrics[metric.name]?.missing ?? 0} scrapes`);
  return lacking.length > 0 ? lacking.join(', ') : 'the pods have not been read lately';
}

function figure(value: number): string {
  return value >= 1000 ? value.toExponential(1) : decimal(value, value < 1 ? 3 : 1);
}

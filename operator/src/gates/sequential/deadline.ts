import { type Stratum, stratifiedFisherP, stratifiedNIz, upperStudentT } from '../statistics/index.ts';
import type { GatePolicy, MetricPolicy } from './policy.ts';
import type { Risk } from './risk.ts';
import type { GateState } from './state.ts';

/** Degrees of freedom at which the t distribution is the normal one to seven digits. */
const normalDegrees = 1e7;

/** What the test at the deadline makes of one metric. */
export interface DeadlineFigure {
  readonly name: string;
  readonly role: MetricPolicy['role'];
  /** Whether the bets have proven it already. */
  readonly proven: 'Yes' | 'No';
  /** Farrington and Manning's score of "worse by the margin", and below which it is ruled out; undefined where it has none. */
  readonly score?: { readonly z: number; readonly decides: number };
  /** Fisher's chance of so many bad requests if it were no worse, and up to which it counts as worse; undefined where it has none. */
  readonly chance?: { readonly p: number; readonly decides: number };
}

/**
 * The one look at the declared deadline, all steps together, each compared within itself. Promotes when every gate that is not proven
 * yet is by Farrington and Manning's score, which is asymptotic; rolls back when Fisher's exact test finds one metric worse. Costs and
 * bounds have no test of their own here, nor has what was counted at more weights than are kept apart: what they have not shown by now stays open.
 */
export function deadlineTest(state: GateState, policy: GatePolicy, risk: Risk): 'promote' | 'rollback' | 'open' {
  const figures = deadlineFigures(state, policy, risk);
  if (figures.some(isWorse)) return 'rollback';
  const gates = figures.filter(({ role }) => role === 'gate');
  return gates.length > 0 && gates.every((figure) => figure.proven === 'Yes' || isNotWorse(figure)) ? 'promote' : 'open';
}

export function deadlineFigures(state: GateState, policy: GatePolicy, { deadline }: Risk): readonly DeadlineFigure[] {
  const weights = policy.metrics.reduce((sum, metric) => sum + metric.weight, 0);
  return policy.metrics.map((metric) => {
    const strata = (state.metrics[metric.name]?.totals ?? []).map((total) => total.counts);
    const tests = hasMixedWeights(state, metric.name) ? {} : { ...scoreOf(metric, strata, deadline.promote), ...chanceOf(metric, strata, (deadline.rollback * metric.weight) / weights) };
    return {
      name: metric.name,
      role: metric.role,
      proven: state.metrics[metric.name]?.latched.at(-1) === true ? 'Yes' : 'No',
      ...tests,
    };
  });
}

/** Counts of several weights in one say what neither of them does (Simpson's paradox). */
export function hasMixedWeights({ metrics }: Pick<GateState, 'metrics'>, name: string): boolean {
  return metrics[name]?.mixedWeights === 'Yes';
}

export function isWorse({ chance }: DeadlineFigure): boolean {
  return chance !== undefined && chance.p <= chance.decides;
}

function isNotWorse({ score }: DeadlineFigure): boolean {
  return score !== undefined && score.z < score.decides;
}

function scoreOf(metric: MetricPolicy, strata: readonly Stratum[], alpha: number): Pick<DeadlineFigure, 'score'> {
  if (metric.kind !== 'Rate' || metric.direction !== 'Increase' || alpha === 0) return {};
  const { z } = stratifiedNIz({ strata, d: metric.margins.at(-1) ?? 0 });
  // Clusters of phi requests carry the evidence of one.
  return { score: { z: z / Math.sqrt(metric.designEffect), decides: -upperStudentT(alpha, normalDegrees) } };
}

/** Exact for independent requests only: with clusters the anytime bets, which know them, have to do. */
function chanceOf(metric: MetricPolicy, strata: readonly Stratum[], decides: number): Pick<DeadlineFigure, 'chance'> {
  return metric.kind !== 'Rate' || metric.designEffect > 1 ? {} : { chance: { p: stratifiedFisherP({ strata }).p, decides } };
}

import { type Stratum, stratifiedFisherP, stratifiedNIz, upperStudentT } from '../statistics/index.ts';
import type { GatePolicy, MetricPolicy } from './policy.ts';
import type { Risk } from './risk.ts';
import type { GateState } from './state.ts';

/** Degrees of freedom at which the t distribution is the normal one to seven digits. */
const normalDegrees = 1e7;

/**
 * The one look at the declared deadline, all steps together, each compared within itself. Promotes when every gate that is not proven
 * yet is by Farrington and Manning's score, which is asymptotic; rolls back when Fisher's exact test finds one metric worse. Costs and
 * bounds have no test of their own here: what they have not shown by now stays open.
 */
export function deadlineTest(state: GateState, policy: GatePolicy, { deadline }: Risk): 'promote' | 'rollback' | 'open' {
  const weights = policy.metrics.reduce((sum, metric) => sum + metric.weight, 0);
  const harmed = policy.metrics.some((metric) => isWorse(metric, strataOf(state, metric), (deadline.rollback * metric.weight) / weights));
  if (harmed) return 'rollback';
  const gates = policy.metrics.filter((metric) => metric.role === 'gate');
  const proven = gates.length > 0 && gates.every((metric) => state.metrics[metric.name]?.latched.at(-1) === true || isNotWorse(metric, strataOf(state, metric), deadline.promote));
  return proven ? 'promote' : 'open';
}

function strataOf(state: GateState, { name }: MetricPolicy): readonly Stratum[] {
  return (state.metrics[name]?.totals ?? []).map((total) => total.counts);
}

function isNotWorse(metric: MetricPolicy, strata: readonly Stratum[], alpha: number): boolean {
  if (metric.kind !== 'Rate' || metric.direction !== 'Increase') return false;
  const { z } = stratifiedNIz({ strata, d: metric.margins.at(-1) ?? 0 });
  // Clusters of phi requests carry the evidence of one.
  return z / Math.sqrt(metric.designEffect) < -upperStudentT(alpha, normalDegrees);
}

/** Exact for independent requests only: with clusters the anytime bets, which know them, have to do. */
function isWorse(metric: MetricPolicy, strata: readonly Stratum[], alpha: number): boolean {
  return metric.kind === 'Rate' && metric.designEffect <= 1 && stratifiedFisherP({ strata }).p <= alpha;
}

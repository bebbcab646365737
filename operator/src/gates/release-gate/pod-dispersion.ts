import type { PastCounts } from '@sluice/crds';
import type { GatePolicy } from '../sequential/index.ts';
import { decimal } from '../wording.ts';

/** Normal quantile of one in a thousand. */
const rarely = 3.09;

/**
 * A hint where the stable pods differ from each other far more than independent requests would (chi-squared by Wilson and Hilferty's cube
 * root, one in a thousand) and no design effect is set. It changes no bet: see docs/decisions/0026-design-effect-is-not-estimated.md.
 */
export function unlikePods({ dispersion }: Pick<PastCounts, 'dispersion'> = {}, { metrics }: Pick<GatePolicy, 'metrics'>): string[] {
  if (dispersion === undefined || metrics.every(({ designEffect }) => designEffect > 1)) return [];
  const ratio = dispersion.squares / dispersion.degrees;
  const spread = 2 / (9 * dispersion.degrees);
  if ((Math.cbrt(ratio) - (1 - spread)) / Math.sqrt(spread) < rarely) return [];
  return [`the stable pods differ ${decimal(ratio, 1)} times as much as independent requests would make them: if requests of a session share their fate, set rollout.gates.designEffect to how many`];
}

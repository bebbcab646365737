import { clopperPearsonUpper } from '@sluice/statistics';
import type { CaseOutcome } from '../runner/case-outcome.ts';
import { caseKey } from '../runner/sample-key.ts';

/** A hard case that the canary failed. `preexisting`: the baseline fails it as well, so that this release does not bring it. */
export interface HardViolation {
  readonly name: string;
  readonly reason: string;
  readonly preexisting: boolean;
}

export function hardViolations(canary: readonly CaseOutcome[], baseline: readonly CaseOutcome[]): readonly HardViolation[] {
  const before = new Set(baseline.filter(({ verdict }) => verdict === 'Failed').map(caseKey));
  return canary.filter(({ hard, verdict }) => hard && verdict === 'Failed').map(({ name, digest, reason }) => ({ name, reason, preexisting: before.has(caseKey({ name, digest })) }));
}

/** What so few failures among the hard cases say of the rate behind them: "0 of 150 means a rate of at most 2.0 %". */
export function violationBound(violations: number, cases: number, alpha = 0.05): string {
  const { upper } = clopperPearsonUpper({ x: violations, n: cases, alpha });
  // Rounded up: the bound must not promise more than it holds.
  return `${violations} of ${cases} means a rate of at most ${(Math.ceil(upper * 1000 - 1e-9) / 10).toFixed(1)} % (with ${100 - alpha * 100} % confidence)`;
}

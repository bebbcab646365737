import { pairedTPlus, smallestSuite } from '@sluice/statistics';
import type { PairedCase } from './paired-cases.ts';

export interface ComparisonPolicy {
  /** Difference of the mean score that would be too much, above 0 and below 1. */
  readonly margin: number;
  /** Chance of error of each bound. */
  readonly alpha: number;
}

export type ComparisonVerdict = 'Pass' | 'Fail' | 'Inconclusive' | 'NotMeasured';

export interface Comparison {
  readonly verdict: ComparisonVerdict;
  /** With the numbers that it rests on. */
  readonly message: string;
}

/** Default of the offline suite: 10 points, 5 % each side. */
export const defaultPolicy: ComparisonPolicy = { margin: 0.1, alpha: 0.05 };

/** Below this margin, chance alone moves a suite of fewer cases than `casesForSmallMargin` too far. */
const smallMargin = 0.05;
const casesForSmallMargin = 100;

/** Cases that a suite needs for a margin: fewer could not show it even if none failed. */
export function neededCases({ margin, alpha }: ComparisonPolicy): number {
  return Math.max(smallestSuite({ delta: margin, alpha }), margin < smallMargin ? casesForSmallMargin : 0);
}

/**
 * Whether the canary is not worse than the baseline by the margin, on the same cases: the paired t test with two pseudo-cases. A case
 * of which some score is missing counts as the worst that it can be for a pass and as the best for a failure, so that missing data decides nothing.
 */
export function comparePaired(cases: readonly PairedCase[], policy: ComparisonPolicy = defaultPolicy): Comparison {
  const needed = neededCases(policy);
  if (cases.length < needed) return { verdict: 'NotMeasured', message: `${cases.length} cases cannot rule out a drop of ${points(policy.margin)} points; add cases until there are ${needed}, or allow a larger margin` };
  const missing = cases.filter(({ difference }) => difference === undefined).length;
  const worst = boundsOf(cases, 'Least', policy);
  const best = boundsOf(cases, 'Most', policy);
  const verdict = worst.lower > -policy.margin ? 'Pass' : best.upper < 0 ? 'Fail' : missing === 0 ? 'Inconclusive' : 'NotMeasured';
  return { verdict, message: sentence(verdict === 'Fail' ? best : worst, { verdict, missing, cases: cases.length, policy }) };
}

interface Bounds {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** Differences times weight, as parts of the largest that one could be; the bounds are those of the weighted mean. */
function boundsOf(cases: readonly PairedCase[], end: 'Least' | 'Most', { alpha }: ComparisonPolicy): Bounds {
  const total = cases.reduce((sum, { weight }) => sum + weight, 0);
  const heaviest = cases.reduce((most, { weight }) => Math.max(most, weight), 0);
  const range = (heaviest * cases.length) / total;
  const d = cases.map(({ difference, range: [least, most] = [-1, 1], weight }) => ((difference ?? (end === 'Least' ? least : most)) * weight) / heaviest);
  const { mean, lower, upper } = pairedTPlus({ d, alpha });
  return { mean: mean * range, lower: lower * range, upper: upper * range };
}

interface Told {
  readonly verdict: ComparisonVerdict;
  readonly missing: number;
  readonly cases: number;
  readonly policy: ComparisonPolicy;
}

function sentence({ mean, lower, upper }: Bounds, { verdict, missing, cases, policy }: Told): string {
  const numbers = `over ${cases} cases the score differs by ${signed(mean)} points (${percent(1 - policy.alpha)} bounds ${signed(lower)} and ${signed(upper)}), allowed is a drop of ${points(policy.margin)}`;
  const gap = missing === 0 ? '' : `; ${missing} of them have no score on one side, or not of every repeat`;
  return `${lead[verdict]}: ${numbers}${gap}`;
}

const lead: Readonly<Record<ComparisonVerdict, string>> = {
  Pass: 'not worse than the baseline by the margin',
  Fail: 'worse than the baseline',
  Inconclusive: 'undecided; more cases or repeats would decide',
  NotMeasured: 'not measured, because what is missing could decide it',
};

function points(share: number): string {
  return (share * 100).toFixed(1).replace(/\.0$/, '');
}

function signed(share: number): string {
  const text = (share * 100).toFixed(1);
  return share >= 0 ? `+${text}` : text;
}

function percent(share: number): string {
  return `${points(share)} %`;
}

import type { CaseOutcome } from '../runner/case-outcome.ts';
import { hardViolations, violationBound, type HardViolation } from './hard-violations.ts';
import { pairCases } from './paired-cases.ts';
import { comparePaired, defaultPolicy, type Comparison, type ComparisonPolicy, type ComparisonVerdict } from './paired-comparison.ts';

export interface VerdictPolicy extends ComparisonPolicy {
  /** What a hard violation that the baseline has too comes to. */
  readonly preexisting: 'Fail' | 'Allow';
}

export interface SuiteVerdict {
  readonly verdict: ComparisonVerdict;
  /** One sentence each, the deciding one first. */
  readonly messages: readonly string[];
  readonly violations: readonly HardViolation[];
}

export const defaultVerdictPolicy: VerdictPolicy = { ...defaultPolicy, preexisting: 'Fail' };

/**
 * The verdict on a run against the baseline's run of the same cases: a pure function of both. One hard violation fails, whatever the
 * mean says; a hard case without a result is never a pass, nor is a comparison with a baseline that fails everything.
 */
export function judgeSuite(canary: readonly CaseOutcome[], baseline: readonly CaseOutcome[], policy: VerdictPolicy = defaultVerdictPolicy): SuiteVerdict {
  if (canary.length === 0) return { verdict: 'NotMeasured', messages: ['the suite has no cases, so nothing was measured'], violations: [] };
  const hard = canary.filter((outcome) => outcome.hard);
  const violations = hardViolations(canary, baseline);
  const failing = violations.filter(({ preexisting }) => !preexisting || policy.preexisting === 'Fail');
  const comparison = zeroBaseline(baseline) ?? comparePaired(pairCases(canary, baseline), policy);
  const notes = [comparison.message, ...hardNotes(hard, violations, policy.alpha)];
  if (failing.length > 0) return { verdict: 'Fail', messages: [violationSentence(failing), ...notes], violations };
  const unknown = hard.filter(({ verdict }) => verdict === 'Errored');
  const isOpen = unknown.length > 0 && comparison.verdict !== 'Fail';
  return { verdict: isOpen ? 'NotMeasured' : comparison.verdict, messages: isOpen ? [`${unknown.length} hard cases have no result: ${namesOf(unknown)}`, ...notes] : notes, violations };
}

/** Nothing is worse than a baseline that can do nothing: not to be worse says nothing then. */
function zeroBaseline(baseline: readonly CaseOutcome[]): Comparison | undefined {
  const scores = baseline.flatMap(({ score }) => score ?? []);
  if (scores.length === 0 || scores.some((score) => score > 0)) return undefined;
  return { verdict: 'NotMeasured', message: `the baseline fails all ${scores.length} cases that it was measured on, so that a comparison with it says nothing: correct the suite, or ask for a share of passes in place of the comparison` };
}

function violationSentence(failing: readonly HardViolation[]): string {
  return `no hard case may fail, but ${failing.length} did: ${failing.slice(0, 3).map(({ name, reason, preexisting }) => `${name} (${reason}${preexisting ? '; preexisting: the baseline fails it too' : ''})`).join(', ')}`;
}

function hardNotes(hard: readonly CaseOutcome[], violations: readonly HardViolation[], alpha: number): readonly string[] {
  const measured = hard.filter(({ verdict }) => verdict !== 'Errored').length;
  const allowed = violations.filter(({ preexisting }) => preexisting);
  return [
    ...(measured === 0 ? [] : [`hard cases: ${violationBound(violations.length, measured, alpha)}`]),
    ...(allowed.length === 0 ? [] : [`preexisting in the baseline: ${namesOf(allowed)}`]),
  ];
}

function namesOf(items: readonly { readonly name: string }[]): string {
  const shown = items.slice(0, 3).map(({ name }) => name).join(', ');
  return items.length > 3 ? `${shown} and ${items.length - 3} more` : shown;
}

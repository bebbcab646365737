import type { CaseOutcome } from '@sluice/evals';
import { printable } from '../terminal/printable.ts';
import type { Palette } from '../terminal/palette.ts';
import type { RunVerdict } from './verdict.ts';

/** A run that has ended. */
export interface EndedRun {
  readonly suite: string;
  /** The agent and its local revision, or the address. */
  readonly candidate: string;
  readonly baseline: string | undefined;
  readonly outcomes: readonly CaseOutcome[];
  readonly verdict: RunVerdict;
}

/** Cases that are named on the screen. */
const namedCases = 20;

/** The verdict, why, and which cases did not pass. */
export function renderRun({ suite, candidate, baseline, outcomes, verdict }: EndedRun, palette: Palette): readonly string[] {
  const paint = verdict.verdict === 'Pass' ? palette.good : palette.bad;
  const unmet = outcomes.filter((each) => each.verdict !== 'Passed').toSorted((left, right) => rank(left) - rank(right));
  return [
    `${paint(verdict.verdict)}: suite "${suite}" of ${candidate}${baseline === undefined ? '' : ` against ${baseline}`}`,
    ...verdict.messages.map((message) => printable(message)),
    ...unmet.slice(0, namedCases).map(({ name, hard, verdict: outcome, reason }) => printable(`${name}${hard ? ' (hard)' : ''}: ${outcome === 'Failed' ? 'failed' : 'no result'}: ${reason}`)),
    ...(unmet.length > namedCases ? [`and ${unmet.length - namedCases} more`] : []),
  ];
}

function rank({ verdict, hard }: CaseOutcome): number {
  return (verdict === 'Failed' ? 0 : 2) + (hard ? 0 : 1);
}

/** The same for programs. */
export function runDocument({ suite, candidate, baseline, outcomes, verdict }: EndedRun): object {
  const count = (wanted: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === wanted).length;
  return {
    verdict: verdict.verdict,
    messages: verdict.messages,
    suite,
    candidate,
    ...(baseline === undefined ? {} : { baseline }),
    total: outcomes.length,
    passed: count('Passed'),
    failed: count('Failed'),
    errored: count('Errored'),
    cases: outcomes.map(({ name, verdict: outcome, hard, reason, score, flaky, weight, tags, latencyMs, costDollars }) => ({ name, outcome, hard, reason, score, flaky, weight, tags, latencyMs, costDollars })),
  };
}

import type { TierResult } from './tier.ts';

/** One tier as it went. */
export interface TierOutcome {
  readonly title: string;
  readonly seconds: number;
  readonly result: TierResult;
}

/** Where nothing may be skipped (CI), what was skipped counts as failed. */
export type SkipRule = 'skips fail' | 'skips are told';

export function applySkipRule(result: TierResult, rule: SkipRule): TierResult {
  if (rule === 'skips are told' || result.skipped === 0) return result;
  return { ...result, failed: result.failed + result.skipped, skipped: 0, remarks: [...result.remarks, 'with CI=true nothing may be skipped'] };
}

/** Time and counts of each tier, the longest parts, then what failed. */
export function summaryLines(outcomes: readonly TierOutcome[]): readonly string[] {
  const width = Math.max(...outcomes.map((outcome) => outcome.title.length), 0);
  const row = ({ title, seconds, result }: TierOutcome): string => {
    const skipped = result.skipped === 0 ? '' : `  ${result.skipped} SKIPPED`;
    return `  ${title.padEnd(width)}  ${`${result.passed}`.padStart(5)} passed  ${`${result.failed}`.padStart(3)} failed  ${duration(seconds)}${skipped}`;
  };
  const remarks = outcomes.flatMap(({ title, result }) => result.remarks.map((remark) => `  ${title}: ${remark}`));
  const parts = outcomes.flatMap(({ title, result }) => result.longest.map((part) => `  ${duration(part.seconds)}  ${title}: ${part.name}`));
  const all = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  return [
    `Where the time goes: ${duration(all).trim()} in all`,
    ...outcomes.map((outcome) => row(outcome)),
    ...(parts.length === 0 ? [] : ['', 'The longest parts', ...parts]),
    ...(remarks.length === 0 ? [] : ['', 'What failed or was skipped', ...remarks]),
  ];
}

/** The last line of ./hack/test, which machines read. */
export function totalLine(outcomes: readonly TierOutcome[]): string {
  const sum = (pick: (result: TierResult) => number): number => outcomes.reduce((total, outcome) => total + pick(outcome.result), 0);
  return `${sum((result) => result.passed)} passed, ${sum((result) => result.failed)} failed`;
}

export function duration(seconds: number): string {
  return `${seconds.toFixed(1).padStart(7)} s`;
}

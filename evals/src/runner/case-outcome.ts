import type { SampleResult } from './sample-result.ts';

/** What all repeats of a case come to. Errored: what is missing could have decided it either way. */
export interface CaseOutcome {
  readonly name: string;
  readonly hard: boolean;
  readonly weight: number;
  readonly tags: readonly string[];
  readonly verdict: 'Passed' | 'Failed' | 'Errored';
  /** Why it did not pass; empty where it did. */
  readonly reason: string;
  /** Mean score of the repeats that were graded; undefined without one. */
  readonly score: number | undefined;
  /** Share of the repeats that have no score, where others have one; absent: none. */
  readonly unscored?: number | undefined;
  /** Some repeats passed and some failed. */
  readonly flaky: boolean;
  /** `sha256:<hex>` of the case as it was run. */
  readonly digest: string;
  /** Mean time of its answers, milliseconds. */
  readonly latencyMs: number | undefined;
  /** US dollars for all of its answers, as far as their price is known. */
  readonly costDollars?: number | undefined;
}

/** A hard case fails with one of its repeats. Another one passes when more than half of its repeats do, and fails when half cannot pass any more. */
export function caseOutcome(results: readonly [SampleResult, ...SampleResult[]]): CaseOutcome {
  const [{ case: name, hard, weight, tags, digest }] = results;
  const passes = results.filter(({ verdict }) => verdict === 'Pass').length;
  const failure = results.find(({ verdict }) => verdict === 'Fail');
  const fails = results.filter(({ verdict }) => verdict === 'Fail').length;
  const gap = results.find(({ verdict }) => verdict === 'NoAnswer' || verdict === 'NotMeasured');
  const passed = hard ? passes === results.length : passes * 2 > results.length;
  const failed = hard ? fails > 0 : fails * 2 >= results.length;
  const verdict = passed ? 'Passed' : failed ? 'Failed' : 'Errored';
  const reason = verdict === 'Passed' ? '' : ((verdict === 'Failed' ? failure : gap)?.reason ?? '');
  const scores = results.flatMap(({ score }) => score ?? []);
  return { name, hard, weight, tags, digest, verdict, reason, score: mean(scores), ...unscoredOf(scores.length, results.length), flaky: passes > 0 && fails > 0, latencyMs: mean(results.flatMap(({ latencyMs }) => latencyMs ?? [])), costDollars: totalCost(results) };
}

function unscoredOf(scored: number, repeats: number): Pick<CaseOutcome, 'unscored'> {
  return scored === 0 || scored === repeats ? {} : { unscored: (repeats - scored) / repeats };
}

/** US dollars, as far as prices are known; undefined where none is. */
export function totalCost(parts: readonly { readonly costDollars?: number | undefined }[]): number | undefined {
  const known = parts.flatMap(({ costDollars }) => costDollars ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

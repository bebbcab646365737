import type { FinishedResults } from '../runner/finished-results.ts';
import { caseOutcome, type CaseOutcome } from '../runner/case-outcome.ts';
import { caseKey } from '../runner/sample-key.ts';
import type { SampleResult } from '../runner/sample-result.ts';

/** What the results log of a run comes to, case by case, in the order of the log. */
export function outcomesOf(results: FinishedResults): readonly CaseOutcome[] {
  const byCase = new Map<string, [SampleResult, ...SampleResult[]]>();
  for (const result of results.values()) {
    const key = caseKey({ name: result.case, digest: result.digest });
    const known = byCase.get(key);
    if (known === undefined) byCase.set(key, [result]);
    else known.push(result);
  }
  return [...byCase.values()].map(caseOutcome);
}

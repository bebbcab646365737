import { z } from 'zod';
import type { CaseOutcome } from '../runner/case-outcome.ts';

const outcome = z.object({
  name: z.string(),
  hard: z.boolean(),
  weight: z.number(),
  tags: z.array(z.string()),
  verdict: z.enum(['Passed', 'Failed', 'Errored']),
  reason: z.string(),
  score: z.number().min(0).max(1).optional(),
  unscored: z.number().min(0).max(1).optional(),
  flaky: z.boolean(),
  digest: z.string(),
  latencyMs: z.number().min(0).optional(),
  costDollars: z.number().min(0).optional(),
});

const outcomes = z.array(outcome);

/** Every case of a run, those without a result included, for the process that started it. */
export function outcomesDocument(cases: readonly CaseOutcome[]): string {
  return JSON.stringify(cases);
}

/** The cases of a document; undefined when it is none, as a process that died in the middle of writing leaves it. */
export function parseOutcomes(text: string): readonly CaseOutcome[] | undefined {
  const parsed = outcomes.safeParse(jsonOf(text)).data;
  return parsed?.map(({ score, unscored, latencyMs, ...rest }) => ({ ...rest, score, ...(unscored === undefined ? {} : { unscored }), latencyMs }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

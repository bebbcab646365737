import type { EvalCase } from '@sluice/crds';
import type { OnCost } from '../../bill.ts';

/** What a judge is shown. It never sees which revision it judges. */
export interface JudgeQuestion {
  readonly rubric: string;
  readonly input: string;
  readonly history?: EvalCase['history'];
  readonly answer: string;
}

/** `Unclear`: the judge said neither. */
export type Judgement = 'Pass' | 'Fail' | 'Unclear';

/** Why a judge gave no judgement, in our own words: what a provider said may hold what it was shown. */
export class JudgeFailure extends Error {
  override readonly name = 'JudgeFailure';
}

/**
 * A model that judges one transcript. Each call is a judgement of its own, and tells what it cost, NaN where nobody knows. Throws when it is
 * down, and the signal's reason when it aborts.
 */
export interface Judge {
  readonly judge: (question: JudgeQuestion, signal: AbortSignal, onCost: OnCost) => Promise<Judgement>;
}

import type { EvalCase } from '@sluice/crds';
import type { OnCost } from '../bill.ts';
import type { Transcript } from '../transcript.ts';
import type { CheckTime } from './check-time.ts';
import type { Finding } from './finding.ts';

/** What graders of meaning need beside the transcript. */
export interface GradingContext {
  readonly evalCase: Pick<EvalCase, 'name' | 'input' | 'history'>;
  readonly signal: AbortSignal;
  /** Told what each judgement costs. */
  readonly onJudgeCost: OnCost;
  /** For all checks of this transcript together. */
  readonly checkTime: CheckTime;
}

/** One expectation, ready to be held against transcripts. */
export interface Grader {
  /** The member of `expect` that it is for. */
  readonly expectation: string;
  readonly grade: (transcript: Transcript, context: GradingContext) => Finding | Promise<Finding>;
}

/** An expectation that no answer can be held against. `field` is its path within `expect`. */
export class GraderError extends Error {
  override readonly name = 'GraderError';
  readonly field: string;
  /** The end of a sentence that begins with the field. */
  readonly problem: string;

  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(`expect.${field} ${problem}`, options);
    this.field = field;
    this.problem = problem;
  }
}

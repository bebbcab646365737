import { createHash } from 'node:crypto';
import { evalCase as evalCaseSchema, type EvalCase } from '@sluice/crds';
import { compileExpectation, type GradingModels } from '../graders/compile-expectation.ts';
import { GraderError, type Grader } from '../graders/grader.ts';
import { brokenRule } from './case-rules.ts';
import { SuiteError } from './suite-error.ts';

/** A case that is ready to be run. */
export interface PreparedCase {
  readonly evalCase: EvalCase;
  readonly graders: readonly Grader[];
  /** `sha256:<hex>` of the whole case: results of another case of the same name are none of this one. */
  readonly digest: string;
}

/** Checks a case as it is written. `place` says where it is. Throws SuiteError. */
export function parseCase(place: string, input: unknown): EvalCase {
  const parsed = evalCaseSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SuiteError(place, `${issue?.path.join('.') || 'the case'} is not valid: ${issue?.message ?? 'it has another form'}`);
  }
  const rule = brokenRule(parsed.data);
  if (rule !== undefined) throw new SuiteError(place, rule);
  return parsed.data;
}

/** Compiles the graders of a case. Throws SuiteError for one that no answer could be held against. */
export function prepareCase(place: string, evalCase: EvalCase, models: GradingModels = {}): PreparedCase {
  try {
    const digest = `sha256:${createHash('sha256').update(JSON.stringify(evalCase), 'utf8').digest('hex')}`;
    return { evalCase, graders: compileExpectation(evalCase.expect, models), digest };
  } catch (cause) {
    if (cause instanceof GraderError) throw new SuiteError(place, cause.message, { cause });
    throw cause;
  }
}

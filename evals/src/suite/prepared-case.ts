import { evalCase as evalCaseSchema, type EvalCase, expectationMembers } from '@sluice/crds';
import { compileExpectation, type GradingModels } from '../graders/compile-expectation.ts';
import { GraderError, type Grader } from '../graders/grader.ts';
import { digestOfCase, gradedDigest } from './case-digest.ts';
import { brokenRule } from './case-rules.ts';
import type { PlacedCase } from './case-source.ts';
import { SuiteError } from './suite-error.ts';

/** Characters of a name that somebody wrote. */
const shownCharacters = 64;

/** A case that is ready to be run. */
export interface PreparedCase {
  readonly evalCase: EvalCase;
  readonly graders: readonly Grader[];
  /** `sha256:<hex>` of the case, whatever grades it. */
  readonly caseDigest: string;
  /** `sha256:<hex>` of the whole case, and of the embedding model where it is graded by one: results of another case of the same name are none of this one. */
  readonly digest: string;
}

/** Checks a case as it is written. `place` says where it is. Throws SuiteError. */
export function parseCase(place: string, input: unknown): EvalCase {
  const parsed = evalCaseSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SuiteError(place, `${issue?.path.join('.') || 'the case'} is not valid: ${issue?.message ?? 'it has another form'}`);
  }
  const unknown = unknownExpectation(input);
  if (unknown !== undefined) throw new SuiteError(place, `expect.${unknown} is nothing that this version of Sluice can hold an answer against; correct its name, or give the agent a newer image`);
  const rule = brokenRule(parsed.data);
  if (rule !== undefined) throw new SuiteError(place, rule);
  return parsed.data;
}

/** The first member of `expect` that this version of Sluice does not know: left out, it would be met by every answer. `input`: a case as it was written. */
export function unknownExpectation(input: unknown): string | undefined {
  const { expect } = input as { readonly expect: object };
  return Object.keys(expect).find((member) => !(expectationMembers as readonly string[]).includes(member))?.slice(0, shownCharacters);
}

/** Compiles the graders of a case. Throws SuiteError for one that no answer could be held against. */
export function prepareCase({ place, evalCase, digest: given }: PlacedCase, models: GradingModels = {}): PreparedCase {
  try {
    const caseDigest = given ?? digestOfCase(evalCase);
    const digest = evalCase.expect.similarTo === undefined || models.embedder === undefined ? caseDigest : gradedDigest(caseDigest, models.embedder.digest);
    return { evalCase, graders: compileExpectation(evalCase.expect, models), caseDigest, digest };
  } catch (cause) {
    if (cause instanceof GraderError) throw new SuiteError(place, cause.message, { cause });
    throw cause;
  }
}

import { evalSuiteSpec, type EvalCase } from '@sluice/crds';
import { compileExpectation, GraderError } from '@sluice/evals';
import type { Problem } from './problem.ts';

/** Expectations of a suite that passes its schema and could not be held against any answer: a pattern or JSON schema that does not compile. */
export function suiteProblems(spec: unknown): Problem[] {
  const parsed = evalSuiteSpec.safeParse(spec);
  if (!parsed.success) return [];
  return parsed.data.cases.flatMap(({ expect }, index) => expectationProblem(expect, `spec.cases[${index}].expect`) ?? []);
}

function expectationProblem(expect: EvalCase['expect'], path: string): Problem | undefined {
  // The schema's own rule says so.
  if (Object.keys(expect).length === 0) return undefined;
  try {
    compileExpectation(expect);
    return undefined;
  } catch (error) {
    if (!(error instanceof GraderError)) throw error;
    const { field, problem } = error;
    const [, finding = problem, fix = 'correct it'] = /^(.*); (.*)$/s.exec(problem) ?? [];
    return { path: `${path}.${field}`, finding, fix };
  }
}

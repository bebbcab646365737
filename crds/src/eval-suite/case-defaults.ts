import type { z } from 'zod';
import type { evalCase } from './eval-case.ts';
import type { EvalSuiteSpec, evalSuiteSpec } from './spec.ts';

type WrittenCase = z.input<typeof evalCase>;

/** A suite as the API server keeps it: its cases have what somebody has written, and what an older CRD has added. */
export type StoredSuiteSpec = z.input<typeof evalSuiteSpec> & Pick<EvalSuiteSpec, 'concurrency' | 'caseTimeout' | 'judge'>;

/** What a case means where nothing is written. */
export const caseDefaults = { hard: false, mustCiteAtLeast: 1, similarToAtLeast: 0.8, judgeRepeats: 1 } as const;

/**
 * The suite with every default of its cases written out, whoever has left it out: the same bytes in the same meaning. The API server adds none
 * in a list, because `kubectl apply` compares lists as a whole and would find another one each time.
 */
export function withCaseDefaults(spec: StoredSuiteSpec): EvalSuiteSpec {
  return { ...spec, cases: (spec.cases ?? []).map(withDefaults) };
}

function withDefaults({ expect, hard = caseDefaults.hard, ...written }: WrittenCase): EvalSuiteSpec['cases'][number] {
  const { mustCite, similarTo, judge, ...others } = expect;
  return {
    ...written,
    expect: {
      ...others,
      ...(mustCite === undefined ? {} : { mustCite: { ...mustCite, atLeast: mustCite.atLeast ?? caseDefaults.mustCiteAtLeast } }),
      ...(similarTo === undefined ? {} : { similarTo: { ...similarTo, atLeast: similarTo.atLeast ?? caseDefaults.similarToAtLeast } }),
      ...(judge === undefined ? {} : { judge: { ...judge, repeats: judge.repeats ?? caseDefaults.judgeRepeats } }),
    },
    hard,
  };
}

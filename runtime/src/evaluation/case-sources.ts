import { join } from 'node:path';
import type { CaseFileSource, EvalSuiteSpec } from '@sluice/crds';
import { allCases, type CaseSource, casesOfFile, inlineCases } from '@sluice/evals';
import { caseFileAt } from './files.ts';
import { type EvaluationSettings, loadDigests } from './suite.ts';

/** All cases of a suite: its own, those of spec.casesFrom, and those of SLUICE_EVAL_CASES_FILE. Throws ConfigError. */
export function caseSources(suite: EvalSuiteSpec, { casesFile, casesFolder, digestsFile }: Pick<EvaluationSettings, 'casesFile' | 'casesFolder' | 'digestsFile'>): CaseSource {
  const files = (suite.casesFrom ?? []).map((source, index) => casesOfFile(caseFileAt(join(casesFolder, String(index), pathOf(source)), `spec.casesFrom[${index}]`), source.format));
  return allCases([inlineCases(suite, loadDigests(digestsFile)), ...files, ...(casesFile === undefined ? [] : [casesOfFile(caseFileAt(casesFile, 'SLUICE_EVAL_CASES_FILE'))])]);
}

/** Where the operator mounts a source, below its own folder. */
function pathOf({ configMap, persistentVolumeClaim }: CaseFileSource): string {
  return configMap?.key ?? persistentVolumeClaim?.path ?? '';
}

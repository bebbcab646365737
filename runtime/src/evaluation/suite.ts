import { durationMilliseconds, durationPattern, evalSuiteSpec, type EvalSuiteSpec } from '@sluice/crds';
import { ConfigError } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { readJsonFile } from '../config/json-file.ts';
import { schemaProblems } from '../config/schema-problems.ts';

export interface EvaluationSettings {
  readonly suiteFile: string;
  readonly reportFile: string;
  /** For the last line only: the operator judges. */
  readonly minPassPercent: number;
  /** Further cases: JSONL with one case a line, or a promptfoo configuration (.yaml). */
  readonly casesFile?: string | undefined;
  /** Results as they come; what it holds already isn't asked again. */
  readonly resultsFile?: string | undefined;
  /** Results of the baseline's run, to be compared with. */
  readonly baselineFile?: string | undefined;
  /** Holds the embedding model for expect.similarTo: model.safetensors and tokenizer.json. */
  readonly embeddingFolder?: string | undefined;
  readonly junitFile?: string | undefined;
  readonly markdownFile?: string | undefined;
  /** Every case with its verdict and score, as JSON, for the process that started this one. */
  readonly outcomesFile?: string | undefined;
}

/** Reads the settings of an evaluation. Throws ConfigError. */
export function readEvaluationSettings(environment: Environment): EvaluationSettings {
  const fileOf = (variable: string): string | undefined => environment[variable]?.trim() || undefined;
  const percentText = environment['SLUICE_EVAL_MIN_PASS_PERCENT']?.trim() || '100';
  const minPassPercent = /^[0-9]+(\.[0-9]+)?$/.test(percentText) ? Number(percentText) : Number.NaN;
  if (!(minPassPercent <= 100)) throw new ConfigError([{ field: 'SLUICE_EVAL_MIN_PASS_PERCENT', value: percentText, problem: 'must be a number between 0 and 100', fix: 'Write for example "95"' }]);
  return {
    suiteFile: environment['SLUICE_EVAL_SUITE_FILE']?.trim() || '/etc/sluice/eval/suite.json',
    reportFile: environment['SLUICE_EVAL_REPORT_FILE']?.trim() || '/dev/termination-log',
    minPassPercent,
    casesFile: fileOf('SLUICE_EVAL_CASES_FILE'),
    resultsFile: fileOf('SLUICE_EVAL_RESULTS_FILE'),
    baselineFile: fileOf('SLUICE_EVAL_BASELINE_FILE'),
    embeddingFolder: fileOf('SLUICE_EVAL_EMBEDDING_FOLDER'),
    junitFile: fileOf('SLUICE_EVAL_JUNIT_FILE'),
    markdownFile: fileOf('SLUICE_EVAL_MARKDOWN_FILE'),
    outcomesFile: fileOf('SLUICE_EVAL_OUTCOMES_FILE'),
  };
}

/** Checks a suite; its cases are checked by the engine before the first is asked. Throws ConfigError. */
export function parseSuite(input: unknown): EvalSuiteSpec {
  const parsed = evalSuiteSpec.safeParse(input);
  if (!parsed.success) throw new ConfigError(schemaProblems(parsed.error, input));
  const { caseTimeout } = parsed.data;
  if (!durationPattern.test(caseTimeout) || durationMilliseconds(caseTimeout) === 0) throw new ConfigError([{ field: 'caseTimeout', value: caseTimeout, problem: 'must be a duration', fix: 'Write for example "60s"' }]);
  return parsed.data;
}

/** Reads and checks the suite that SLUICE_EVAL_SUITE_FILE names. Throws ConfigError. */
export function loadSuite(path: string): EvalSuiteSpec {
  return parseSuite(readJsonFile(path, { field: 'SLUICE_EVAL_SUITE_FILE', what: 'the evaluation suite' }));
}

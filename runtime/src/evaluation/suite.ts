import { durationMilliseconds, durationPattern, evalSuiteSpec, type EvalSuiteSpec } from '@sluice/crds';
import { unknownExpectation } from '@sluice/evals';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { readJsonFile } from '../config/json-file.ts';
import { schemaProblems } from '../config/schema-problems.ts';
import type { TokenPrice } from '../providers/token-price.ts';

const digestsVariable = 'SLUICE_EVAL_DIGESTS_FILE';

export interface EvaluationSettings {
  readonly suiteFile: string;
  readonly reportFile: string;
  /** For the last line only: the operator judges. */
  readonly minPassPercent: number;
  /** Further cases: JSONL with one case a line, or a promptfoo configuration (.yaml). */
  readonly casesFile?: string | undefined;
  /** Holds the files of spec.casesFrom, each in a folder with its index as the name. */
  readonly casesFolder: string;
  /** Where results are told as they come; not set: nowhere. */
  readonly resultsPort?: { readonly port: number; readonly token: string } | undefined;
  /** Results that earlier pods of the run brought. */
  readonly keptFolder?: string | undefined;
  /** What the judge said of its examples in other runs, which have paid for it. */
  readonly trialsFile?: string | undefined;
  /** The digests that whoever stored the suite gave its cases. */
  readonly digestsFile?: string | undefined;
  /** Milliseconds of the budget that earlier pods took. */
  readonly spentMs: number;
  /** Of the judging model; not set: that of the agent's model where it is the same, else not known. */
  readonly judgePrice?: TokenPrice | undefined;
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
  const minPassPercent = numberOf(environment, 'SLUICE_EVAL_MIN_PASS_PERCENT', { most: 100, without: 100, fix: 'Write for example "95"' });
  return {
    suiteFile: environment['SLUICE_EVAL_SUITE_FILE']?.trim() || '/etc/sluice/eval/suite.json',
    reportFile: environment['SLUICE_EVAL_REPORT_FILE']?.trim() || '/dev/termination-log',
    minPassPercent,
    casesFolder: fileOf('SLUICE_EVAL_CASES_FOLDER') ?? '/etc/sluice/eval-cases',
    resultsPort: resultsPortOf(environment),
    keptFolder: fileOf('SLUICE_EVAL_KEPT_FOLDER'),
    trialsFile: fileOf('SLUICE_EVAL_TRIALS_FILE'),
    digestsFile: fileOf(digestsVariable),
    spentMs: 1000 * numberOf(environment, 'SLUICE_EVAL_SPENT_SECONDS', { most: 1e7, fix: 'Write for example "0"' }),
    judgePrice: judgePriceOf(environment),
    casesFile: fileOf('SLUICE_EVAL_CASES_FILE'),
    resultsFile: fileOf('SLUICE_EVAL_RESULTS_FILE'),
    baselineFile: fileOf('SLUICE_EVAL_BASELINE_FILE'),
    embeddingFolder: fileOf('SLUICE_EVAL_EMBEDDING_FOLDER'),
    junitFile: fileOf('SLUICE_EVAL_JUNIT_FILE'),
    markdownFile: fileOf('SLUICE_EVAL_MARKDOWN_FILE'),
    outcomesFile: fileOf('SLUICE_EVAL_OUTCOMES_FILE'),
  };
}

function numberOf(environment: Environment, field: string, { most, without = 0, fix }: { readonly most: number; readonly without?: number; readonly fix: string }): number {
  const text = environment[field]?.trim() || String(without);
  const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new ConfigError([{ field, value: text, problem: `must be a number between 0 and ${most}`, fix }]);
  return value;
}

const judgePriceVariable = 'SLUICE_EVAL_JUDGE_PRICE';

/** Dollars for a million tokens read and for a million written. */
function judgePriceOf(environment: Environment): TokenPrice | undefined {
  const text = environment[judgePriceVariable]?.trim() ?? '';
  if (text === '') return undefined;
  const [, input, output] = /^([0-9.]+)\/([0-9.]+)$/.exec(text) ?? [];
  const [inputDollarsPerMillionTokens, outputDollarsPerMillionTokens] = [Number(input), Number(output)];
  if (!Number.isFinite(inputDollarsPerMillionTokens + outputDollarsPerMillionTokens)) {
    throw new ConfigError([{ field: judgePriceVariable, value: text, problem: 'must be two prices in dollars for a million tokens, those read and those written', fix: 'Write for example "3/15"' }]);
  }
  return { inputDollarsPerMillionTokens, outputDollarsPerMillionTokens };
}

/** A port without a token would tell everybody, and let everybody say that results are kept. */
function resultsPortOf(environment: Environment): EvaluationSettings['resultsPort'] {
  const [port, token] = ['SLUICE_EVAL_RESULTS_PORT', 'SLUICE_EVAL_RESULTS_TOKEN'].map((name) => environment[name]?.trim() ?? '');
  if (port === undefined || port === '') return undefined;
  if (token === undefined || token === '') throw new ConfigError([{ field: 'SLUICE_EVAL_RESULTS_TOKEN', value: '', problem: 'is not set', fix: 'Set it to what whoever reads the results must know, or remove SLUICE_EVAL_RESULTS_PORT' }]);
  return { port: numberOf(environment, 'SLUICE_EVAL_RESULTS_PORT', { most: 65_535, fix: 'Write for example "8080"' }), token };
}

/** Checks a suite; its cases are checked by the engine before the first is asked. Throws ConfigError. */
export function parseSuite(input: unknown): EvalSuiteSpec {
  const parsed = evalSuiteSpec.safeParse(input);
  if (!parsed.success) throw new ConfigError(schemaProblems(parsed.error, input));
  for (const [index, each] of (input as { readonly cases?: readonly unknown[] }).cases?.entries() ?? []) {
    const unknown = unknownExpectation(each);
    if (unknown !== undefined) throw new ConfigError([{ field: `cases[${index}].expect`, value: unknown, problem: 'is nothing that this version of Sluice can hold an answer against', fix: 'Correct its name, or give the agent a newer image' }]);
  }
  const { cases, casesFrom, caseTimeout } = parsed.data;
  if (cases.length === 0 && casesFrom === undefined) throw new ConfigError([{ field: 'cases', value: '[]', problem: 'is empty, so the suite would measure nothing', fix: 'Write at least one case, or name a file in casesFrom' }]);
  if (!durationPattern.test(caseTimeout) || durationMilliseconds(caseTimeout) === 0) throw new ConfigError([{ field: 'caseTimeout', value: caseTimeout, problem: 'must be a duration', fix: 'Write for example "60s"' }]);
  return parsed.data;
}

/** Reads and checks the suite that SLUICE_EVAL_SUITE_FILE names. Throws ConfigError. */
export function loadSuite(path: string): EvalSuiteSpec {
  return parseSuite(readJsonFile(path, { field: 'SLUICE_EVAL_SUITE_FILE', what: 'the evaluation suite' }));
}

const caseDigests = z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/));

/** The digests of cases by name; none without a file. Throws ConfigError. */
export function loadDigests(path: string | undefined): ReadonlyMap<string, string> {
  if (path === undefined) return new Map();
  const input = readJsonFile(path, { field: digestsVariable, what: 'the digests of cases' });
  const parsed = caseDigests.safeParse(input);
  if (!parsed.success) throw new ConfigError([{ field: digestsVariable, value: path, problem: 'names a file that holds something else than a digest for each name', fix: 'Remove it: cases go by their own digests then' }]);
  return new Map(Object.entries(parsed.data));
}

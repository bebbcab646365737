import { parseCommandLine, spanFrom, usageError } from '../command-line.ts';
import { outputFormatFrom, outputOptions } from '../output-format.ts';

/** Where an agent is: manifests from which it is started here, or the address of one that runs. */
export type Subject = { readonly kind: 'Manifests'; readonly files: readonly string[] } | { readonly kind: 'Url'; readonly url: string };

/** What `kubectl sluice eval run` is asked for. */
export interface RunOptions {
  readonly candidate: Subject;
  readonly baseline: Subject | undefined;
  /** Manifests that come with the candidate, whatever is asked: its gate is in them. */
  readonly files: readonly string[];
  /** Name of the AgentDeployment, where the manifests hold several. */
  readonly agent: string | undefined;
  readonly suiteFile: string;
  readonly casesFile: string | undefined;
  readonly embeddingFolder: string | undefined;
  readonly resultsFolder: string | undefined;
  readonly junitFile: string | undefined;
  readonly markdownFile: string | undefined;
  readonly minPassPercent: number | undefined;
  readonly marginPoints: number | undefined;
  readonly concurrency: number | undefined;
  readonly maxDollars: number | undefined;
  /** Milliseconds. */
  readonly maxTime: number | undefined;
  readonly mlflow: { readonly url: string; readonly experiment: string | undefined } | undefined;
  readonly format: 'json' | 'text';
}

const command = 'eval';

const known = {
  ...outputOptions,
  local: { type: 'boolean' },
  filename: { type: 'string', short: 'f', multiple: true },
  url: { type: 'string' },
  agent: { type: 'string' },
  suite: { type: 'string' },
  cases: { type: 'string' },
  baseline: { type: 'string', multiple: true },
  results: { type: 'string' },
  out: { type: 'string' },
  markdown: { type: 'string' },
  embedding: { type: 'string' },
  'min-pass': { type: 'string' },
  margin: { type: 'string' },
  concurrency: { type: 'string' },
  'max-dollars': { type: 'string' },
  'max-time': { type: 'string' },
  mlflow: { type: 'string' },
  'mlflow-experiment': { type: 'string' },
} as const;

type Line = ReturnType<typeof parseCommandLine>;

/** Throws CliError (usage). */
export function runOptionsFrom(args: readonly string[]): RunOptions {
  const line = parseCommandLine(command, args, known);
  checkVerb(line);
  const files = line.texts('filename');
  const url = addressFrom(line, 'url');
  if (files.length === 0 && url === undefined) throw usageError(command, 'the agent is missing: name its manifests by -f FILE, or one that runs by --url');
  const suiteFile = line.text('suite');
  if (suiteFile === undefined) throw usageError(command, '--suite FILE is missing: name the manifest of an EvalSuite');
  if (url !== undefined && line.text('results') !== undefined) throw usageError(command, '--results cannot be kept with --url, because what runs there may change between two runs: leave one of the two out');
  return {
    candidate: url === undefined ? { kind: 'Manifests', files } : { kind: 'Url', url },
    baseline: baselineFrom(line),
    files,
    agent: line.text('agent'),
    suiteFile,
    casesFile: line.text('cases'),
    embeddingFolder: line.text('embedding'),
    resultsFolder: line.text('results'),
    junitFile: line.text('out'),
    markdownFile: line.text('markdown'),
    ...numbersFrom(line),
    mlflow: mlflowFrom(line),
    format: outputFormatFrom(command, line),
  };
}

function numbersFrom(line: Line): Pick<RunOptions, 'minPassPercent' | 'marginPoints' | 'concurrency' | 'maxDollars' | 'maxTime'> {
  return {
    minPassPercent: numberFrom(line, 'min-pass', { least: 0, most: 100, example: '95' }),
    marginPoints: numberFrom(line, 'margin', { least: 0.1, most: 99, example: '10' }),
    concurrency: integerFrom(line, 'concurrency', { least: 1, most: 64, example: '4' }),
    maxDollars: numberFrom(line, 'max-dollars', { least: 0.01, most: 100_000, example: '5' }),
    maxTime: spanFrom(command, line, 'max-time'),
  };
}

function checkVerb(line: Line): void {
  const [verb, extra] = line.positionals;
  if (verb !== 'run') throw usageError(command, verb === undefined ? 'say what to do: run' : `"${verb}" is nothing that it can do: write run`);
  if (extra !== undefined) throw usageError(command, `"${extra}" is one argument too many: name files by -f and --suite`);
  if (!line.has('local')) throw usageError(command, '--local is missing: in a cluster the operator runs the suites of an agent by itself (spec.rollout.gates.evals)');
}

function baselineFrom(line: Line): Subject | undefined {
  const given = line.texts('baseline');
  const [first] = given;
  if (first === undefined) return undefined;
  if (!/^https?:/i.test(first)) return { kind: 'Manifests', files: given };
  if (given.length > 1) throw usageError(command, `--baseline "${first}" is an address, so there can be no second one: leave one of the two out`);
  return { kind: 'Url', url: checkedAddress('baseline', first) };
}

function mlflowFrom(line: Line): RunOptions['mlflow'] {
  const url = addressFrom(line, 'mlflow');
  const experiment = line.text('mlflow-experiment');
  if (url === undefined && experiment !== undefined) throw usageError(command, '--mlflow-experiment names the experiment of an MLflow server: name the server by --mlflow URL');
  return url === undefined ? undefined : { url, experiment };
}

function addressFrom(line: Line, option: string): string | undefined {
  const text = line.text(option);
  return text === undefined ? undefined : checkedAddress(option, text);
}

/** Without the slash at its end. Credentials are not repeated: a command line ends up in logs. */
function checkedAddress(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) throw usageError(command, `--${option} holds credentials: take them out of the address, docs/cli.md says which variables hold them`);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') throw usageError(command, `--${option} "${text}" is no address: write for example http://127.0.0.1:8080`);
  return url.href.replace(/\/+$/, '');
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly example: string;
}

function numberFrom(line: Line, option: string, { least, most, example }: Range): number | undefined {
  const text = line.text(option);
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usageError(command, `--${option} "${text}" is no number between ${least} and ${most}: write for example ${example}`);
}

function integerFrom(line: Line, option: string, range: Range): number | undefined {
  const value = numberFrom(line, option, range);
  if (value === undefined || Number.isInteger(value)) return value;
  throw usageError(command, `--${option} "${value}" is no whole number: write for example ${range.example}`);
}

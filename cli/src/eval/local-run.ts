import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { type CaseOutcome, parseOutcomes } from '@sluice/evals';
import { trialLine, trialsIn } from '@sluice/evals/results';
import { judgePriceOf } from '@sluice/operator/src/evaluation/judge-price.ts';
import { revisionDigest } from '@sluice/operator/src/revision/digest.ts';
import { CliError } from '../cli-error.ts';
import { exitCode } from '../exit-code.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { PreparedAgent } from './prepared-agent.ts';
import type { RunOptions } from './run-options.ts';
import type { PreparedSuite } from './suite.ts';

/** What of our environment the runtime may see: how to reach the network, and nothing else. */
const passedOn = [
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'NODE_USE_ENV_PROXY', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR',
] as const;

const resultsVariable = 'SLUICE_EVAL_RESULTS_FILE';

export interface LocalRun {
  /** "candidate" or "baseline", for what is told meanwhile. */
  readonly label: string;
  readonly agent: PreparedAgent;
  readonly suite: PreparedSuite;
  readonly options: Pick<RunOptions, 'casesFile' | 'embeddingFolder' | 'resultsFolder'>;
  /** What the judge said of its examples in a run before, at the same provider; default nothing. */
  readonly trials?: string;
}

export interface LocalOutcomes {
  readonly outcomes: readonly CaseOutcome[];
  /** What the judge said of its examples, a line to each. */
  readonly trials: string;
}

/** The revision of an agent that is run here: another bundle has another one. */
export function localRevision({ bundle }: PreparedAgent): string {
  return revisionDigest(bundle);
}

/**
 * Asks an agent all cases of the suite, in a runtime of its own: the very command that a Job of the operator runs. Throws CliError
 * when the runtime refuses the run or breaks down.
 */
export async function runLocally(run: LocalRun, surroundings: Surroundings): Promise<LocalOutcomes> {
  const { signal, clock, stderr } = surroundings;
  const heartbeat = startHeartbeat(run.label, 'starting the runtime', { clock, output: stderr });
  const folder = await surroundings.files.makeTemporaryFolder();
  try {
    const outcomesFile = `${folder}/outcomes.json`;
    const environment = await environmentOf(run, { folder, outcomesFile }, surroundings);
    const { errorLines } = await surroundings.runRuntime({ command: 'eval', environment, signal, onLine: lineReader(run.label, heartbeat.update, stderr) });
    signal.throwIfAborted();
    const outcomes = parseOutcomes(await surroundings.readFile(outcomesFile).catch(() => ''));
    if (outcomes === undefined) throw new CliError(`${run.label}: ${refusal(errorLines)}`, { exitCode: exitCode.badInput });
    return { outcomes, trials: run.suite.spec.judge === undefined ? '' : await trialsAt(environment[resultsVariable], surroundings) };
  } finally {
    heartbeat.stop();
    await surroundings.files.removeFolder(folder);
  }
}

/** A judge that was down has said nothing. */
async function trialsAt(file: string | undefined, surroundings: Surroundings): Promise<string> {
  const text = file === undefined ? '' : await surroundings.readFile(file).catch(() => '');
  return [...trialsIn([text]).values()].map(trialLine).join('\n');
}

async function environmentOf({ agent, suite, options, trials = '' }: LocalRun, { folder, outcomesFile }: { readonly folder: string; readonly outcomesFile: string }, { files, env }: Surroundings): Promise<Record<string, string>> {
  const bundleFile = `${folder}/agent.json`;
  const suiteFile = `${folder}/${suite.name}.json`;
  await files.write(bundleFile, JSON.stringify(agent.bundle));
  await files.write(suiteFile, JSON.stringify(suite.spec));
  const { casesFile, embeddingFolder, resultsFolder } = options;
  const casesFolder = `${folder}/cases`;
  for (const { path, text } of suite.files) {
    await files.makeFolder(dirname(`${casesFolder}/${path}`));
    await files.write(`${casesFolder}/${path}`, text);
  }
  if (resultsFolder !== undefined) await files.makeFolder(resultsFolder);
  // Without a folder for results only those of its judge are of use, to the run after this one.
  const resultsIn = resultsFolder ?? (suite.spec.judge === undefined ? undefined : folder);
  const trialsFile = `${folder}/trials.jsonl`;
  if (trials !== '') await files.write(trialsFile, trials);
  const judgePrice = judgePriceOf(suite.spec, agent.prices);
  return {
    ...Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    ...agent.keyVariables,
    SLUICE_BUNDLE_FILE: bundleFile,
    SLUICE_REVISION: localRevision(agent),
    SLUICE_EVAL_SUITE_FILE: suiteFile,
    SLUICE_EVAL_REPORT_FILE: `${folder}/report.json`,
    SLUICE_EVAL_OUTCOMES_FILE: outcomesFile,
    SLUICE_EVAL_CASES_FOLDER: casesFolder,
    ...(judgePrice === undefined ? {} : { SLUICE_EVAL_JUDGE_PRICE: judgePrice }),
    ...(casesFile === undefined ? {} : { SLUICE_EVAL_CASES_FILE: casesFile }),
    ...(embeddingFolder === undefined ? {} : { SLUICE_EVAL_EMBEDDING_FOLDER: embeddingFolder }),
    ...(trials === '' ? {} : { SLUICE_EVAL_TRIALS_FILE: trialsFile }),
    ...(resultsIn === undefined ? {} : { [resultsVariable]: `${resultsIn}/${resultsName({ agent, suite, embeddingFolder })}` }),
  };
}

/** Results hold for one bundle, judge and embedding model; those of another case have another digest in the log itself. */
function resultsName({ agent, suite: { name, spec }, embeddingFolder = '' }: { readonly agent: PreparedAgent; readonly suite: PreparedSuite; readonly embeddingFolder: string | undefined }): string {
  const graders = createHash('sha256').update(JSON.stringify([spec.judge ?? null, embeddingFolder])).digest('hex').slice(0, 6);
  return `${agent.agent.metadata.name}-${localRevision(agent)}-${name}-${graders}.jsonl`;
}

const progress = /^\d+\/\d+, /;

/** Progress goes to the heartbeat; what is said before the first case, such as of the judge, is passed on; the rest is told from the outcomes. */
function lineReader(label: string, update: (text: string) => void, output: Surroundings['stderr']): (line: string) => void {
  const state: { phase: 'Before' | 'Asking' } = { phase: 'Before' };
  return (line) => {
    if (progress.test(line)) {
      state.phase = 'Asking';
      update(line);
    } else if (state.phase === 'Before') {
      writeLines(output, [printable(`${label}: ${line}`)]);
    }
  };
}

/** The options by which the runtime's own variables are set here. */
const optionOf: readonly (readonly [RegExp, string])[] = [
  [/SLUICE_EVAL_CASES_FILE/g, '--cases'],
  [/SLUICE_EVAL_RESULTS_FILE/g, '--results'],
  [/SLUICE_EVAL_EMBEDDING_FOLDER/g, '--embedding'],
];

function refusal(errorLines: readonly string[]): string {
  const said = errorLines.join(' ').trim();
  if (said === '') return 'the runtime ended without results and without saying why; run it again';
  return optionOf.reduce((text, [variable, option]) => text.replaceAll(variable, option), said);
}

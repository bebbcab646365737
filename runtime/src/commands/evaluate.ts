import type { AgentBundle, EvalObstacle, EvalReport, EvalSuiteSpec } from '@sluice/crds';
import { type AgentUnderTest, type CaseOutcome, createReport, judgeSuite, junitReport, loadStaticEmbedder, markdownReport, noJudge, outcomesDocument, outcomesOf, paidElsewhere, progressLine, type RunOptions, runSuite, type SuiteVerdict, type Trial } from '@sluice/evals';
import { createAgent } from '../agent/create-agent.ts';
import { loadBundle } from '../config/bundle.ts';
import { readSettings } from '../config/environment.ts';
import { openOtherProviderKeys } from '../config/other-provider-keys.ts';
import { openProviderKey } from '../config/provider-key.ts';
import { createAgentUnderTest } from '../evaluation/agent-under-test.ts';
import { caseSources } from '../evaluation/case-sources.ts';
import { appendResult, appendTrial, baselineResults, finishedResults, finishedTrials, writeText } from '../evaluation/files.ts';
import { openJudge } from '../evaluation/judge.ts';
import { type EarlierPods, resultsOfFolder } from '../evaluation/kept-folder.ts';
import { openResultsServer, type ResultsServer } from '../evaluation/results-server.ts';
import { type EvaluationSettings, loadSuite, readEvaluationSettings } from '../evaluation/suite.ts';
import { compileGuardrails } from '../guardrails/compile-guardrails.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import { createModelClient } from '../providers/create-model-client.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { createHttpTransport } from '../egress/transport.ts';
import { openCredentials } from '../tools/credentials/open-credentials.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { budgetMeter } from './budget-meter.ts';
import type { Command, CommandContext } from './command.ts';
import { openResources } from './open-tools.ts';

/** How long the results of a finished run wait for the operator, which may be about to be replaced. */
const handOverMs = 120_000;
/** What servers of tools may take to list them. */
const listMs = 30_000;
/** Within the time that a pod has to end. */
const stoppedHandOverMs = 8_000;

interface OpenAgent {
  readonly agent: AgentUnderTest;
  readonly model: ModelClient;
  readonly bundleModel: AgentBundle['model'];
  readonly close: () => Promise<void>;
}

/** The agent as it is served, but for writes, which are checked and not sent. */
async function openAgent({ environment }: CommandContext): Promise<OpenAgent> {
  const bundle = loadBundle(readSettings(environment).bundleFile);
  const key = openProviderKey(environment, bundle.model.provider);
  const observe = (): void => {};
  const transport = createHttpTransport();
  const resources = await openResources(bundle, { transport, clock: systemClock, credentials: openCredentials(bundle, { environment, transport, clock: systemClock }) });
  // A day's budget is for users; what one request may use is a part of how the agent behaves.
  const { perRequest } = bundle.budgets ?? {};
  const meter = budgetMeter(perRequest && { perRequest }, bundle, observe);
  const model = await createModelClient({ bundle, meter, key, keyOf: openOtherProviderKeys(environment, bundle).of, clock: systemClock, random: systemRandom, observe });
  const toolbox = createToolbox({ tools: bundle.tools, clock: systemClock, random: systemRandom, transport, resources, observe, writes: 'dry-run' });
  // Tools that servers list are offered from the first case on, or nothing is measured.
  await resources.discover(AbortSignal.timeout(listMs));
  const close = async (): Promise<void> => {
    await resources.close();
    await Promise.all([model.close(), transport.close()]);
  };
  return { agent: createAgentUnderTest(createAgent(bundle, { model, toolbox }), { price: bundle.model.price, guardrails: compileGuardrails(bundle.guardrails) }), model, bundleModel: bundle.model, close };
}

interface Evaluation {
  /** When the command began, by the system's clock: from then on the time of the budget counts. */
  readonly began: number;
  readonly settings: EvaluationSettings;
  readonly suite: EvalSuiteSpec;
  readonly context: CommandContext;
  /** Where the operator reads results as they come. */
  readonly results: ResultsServer | undefined;
}

interface Measured {
  readonly outcomes: readonly CaseOutcome[];
  readonly obstacle: EvalObstacle | undefined;
}

async function runAll(evaluation: Evaluation, { agent, model, bundleModel }: OpenAgent, signal: AbortSignal): Promise<Measured> {
  const { began, settings, suite, context } = evaluation;
  const { embeddingFolder } = settings;
  const source = caseSources(suite, settings);
  const { trials, ...earlier } = await earlierResults(settings);
  const embedder = embeddingFolder === undefined ? undefined : await loadStaticEmbedder(embeddingFolder);
  const { judge, spentDollars, refusal, noJudge: withoutJudge } = await openJudge(suite, model, { signal, print: context.print, trials, onTrial: keepTrial(evaluation), price: settings.judgePrice ?? (suite.judge?.model === bundleModel.name ? bundleModel.price : undefined) });
  const { outcomes, obstacle } = await runSuite(suite, source, { agent, clock: systemClock, signal, models: { judge, noJudge: withoutJudge, embedder }, ...earlier, began, spentMs: settings.spentMs, spentDollars, ...listeners(evaluation) });
  return { outcomes, obstacle: obstacle ?? judgeRefused(outcomes, refusal) };
}

function judgeRefused(outcomes: readonly CaseOutcome[], refusal: string | undefined): EvalObstacle | undefined {
  const isMissed = outcomes.some(({ verdict, reason }) => verdict === 'Errored' && reason.includes(noJudge));
  return refusal === undefined || !isMissed ? undefined : { reason: 'JudgeRefused', message: `${refusal}; correct spec.judge of the EvalSuite: its examples, or its model` };
}

async function earlierResults({ resultsFile, keptFolder, trialsFile }: EvaluationSettings): Promise<EarlierPods> {
  const own = await finishedResults(resultsFile, 'SLUICE_EVAL_RESULTS_FILE');
  const settled = paidElsewhere(await finishedTrials(trialsFile, 'SLUICE_EVAL_TRIALS_FILE'));
  const ownTrials = new Map([...settled, ...(await finishedTrials(resultsFile, 'SLUICE_EVAL_RESULTS_FILE'))]);
  if (keptFolder === undefined) return { finished: own, unansweredDollars: 0, trials: ownTrials };
  const { finished, unansweredDollars, trials } = resultsOfFolder(keptFolder);
  return { finished: new Map([...own, ...finished]), unansweredDollars, trials: new Map([...ownTrials, ...trials]) };
}

function keepTrial({ settings: { resultsFile }, results }: Evaluation): (trial: Trial) => void {
  return (trial) => {
    if (resultsFile !== undefined) appendTrial(resultsFile, trial);
    results?.addTrial(trial);
  };
}

function listeners({ settings: { resultsFile }, context, results }: Evaluation): Pick<RunOptions, 'onResult' | 'onSettled' | 'onProgress'> {
  return {
    onResult: resultsFile === undefined ? undefined : (result) => appendResult(resultsFile, result),
    onSettled: (result) => results?.add(result),
    onProgress: (progress) => {
      results?.progress(progress);
      context.print(progressLine(progress));
    },
  };
}

/** A process that is told to end gives away what it has found out first. */
async function runUnlessStopped(evaluation: Evaluation, open: OpenAgent): Promise<Measured> {
  const stop = new AbortController();
  const unsubscribe = evaluation.context.onStopSignal(() => stop.abort(new Error('stopped by a signal')));
  try {
    return await runAll(evaluation, open, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) await evaluation.results?.handOver('Stopped', stoppedHandOverMs);
    throw error;
  } finally {
    unsubscribe();
  }
}

async function compared(outcomes: readonly CaseOutcome[], { settings: { baselineFile } }: Evaluation): Promise<SuiteVerdict | undefined> {
  return baselineFile === undefined ? undefined : judgeSuite(outcomes, outcomesOf(await baselineResults(baselineFile, 'SLUICE_EVAL_BASELINE_FILE')));
}

function writeDocuments({ junitFile, markdownFile, outcomesFile, suiteFile }: EvaluationSettings, outcomes: readonly CaseOutcome[], verdict: SuiteVerdict | undefined): void {
  const suiteName = suiteFile.split('/').at(-1)?.replace(/\.json$/, '') ?? suiteFile;
  if (junitFile !== undefined) writeText(junitFile, 'SLUICE_EVAL_JUNIT_FILE', junitReport(suiteName, outcomes));
  if (markdownFile !== undefined) writeText(markdownFile, 'SLUICE_EVAL_MARKDOWN_FILE', markdownReport({ suiteName, outcomes, verdict }));
  if (outcomesFile !== undefined) writeText(outcomesFile, 'SLUICE_EVAL_OUTCOMES_FILE', outcomesDocument(outcomes));
}

function summary(report: EvalReport, minPassPercent: number): string {
  const percent = Math.floor((1_000 * report.passed) / report.total) / 10;
  return `${report.passed} of ${report.total} cases passed (${percent}%, at least ${minPassPercent}% asked for), ${report.failed} failed, ${report.errored} without an answer`;
}

/**
 * Runs an evaluation suite against the agent and writes the report. 0: measured, whatever came of it, since the
 * operator judges; 1: nothing could be measured. A report is written in both cases once the suite has run.
 */
export const evaluate: Command = async (context) => {
  const began = systemClock.now();
  const settings = readEvaluationSettings(context.environment);
  const suite = loadSuite(settings.suiteFile);
  const open = await openAgent(context);
  const results = settings.resultsPort === undefined ? undefined : await openResultsServer({ ...settings.resultsPort, host: readSettings(context.environment).host, clock: systemClock });
  const evaluation = { began, settings, suite, context, results };
  try {
    const { outcomes, obstacle } = await runUnlessStopped(evaluation, open);
    const report = createReport(outcomes, obstacle);
    writeText(settings.reportFile, 'SLUICE_EVAL_REPORT_FILE', JSON.stringify(report));
    await results?.handOver('Finished', handOverMs);
    const verdict = await compared(outcomes, evaluation);
    writeDocuments(settings, outcomes, verdict);
    for (const failure of report.failures) context.print(`${failure.name}: ${failure.reason}`);
    if (report.obstacle !== undefined) context.print(report.obstacle.message);
    for (const message of verdict?.messages ?? []) context.print(message);
    context.print(summary(report, settings.minPassPercent));
    return report.errored === report.total ? 1 : 0;
  } finally {
    await Promise.all([open.close(), results?.close()]);
  }
};

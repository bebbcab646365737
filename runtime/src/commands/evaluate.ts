import type { EvalReport, EvalSuiteSpec } from '@sluice/crds';
import { type AgentUnderTest, allCases, type CaseOutcome, casesOfFile, createReport, inlineCases, judgeSuite, junitReport, loadStaticEmbedder, markdownReport, outcomesDocument, outcomesOf, type Progress, progressLine, runSuite, type SuiteVerdict } from '@sluice/evals';
import { createAgent } from '../agent/create-agent.ts';
import { loadBundle } from '../config/bundle.ts';
import { readSettings } from '../config/environment.ts';
import { openProviderKey } from '../config/provider-key.ts';
import { createAgentUnderTest } from '../evaluation/agent-under-test.ts';
import { appendResult, baselineResults, caseFileAt, finishedResults, writeText } from '../evaluation/files.ts';
import { openJudge } from '../evaluation/judge.ts';
import { type EvaluationSettings, loadSuite, readEvaluationSettings } from '../evaluation/suite.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import { createModelClient } from '../providers/create-model-client.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { createHttpTransport } from '../tools/http-transport.ts';
import { createToolbox } from '../tools/toolbox.ts';
import type { Command, CommandContext } from './command.ts';

interface OpenAgent {
  readonly agent: AgentUnderTest;
  readonly model: ModelClient;
  readonly close: () => Promise<void>;
}

/** The agent as it is served, but for writes, which are checked and not sent. */
async function openAgent({ environment }: CommandContext): Promise<OpenAgent> {
  const bundle = loadBundle(readSettings(environment).bundleFile);
  const key = openProviderKey(environment, bundle.model.provider);
  const observe = (): void => {};
  const transport = createHttpTransport();
  const model = await createModelClient({ bundle, key, clock: systemClock, random: systemRandom, observe });
  const toolbox = createToolbox({ tools: bundle.tools, clock: systemClock, transport, observe, writes: 'dry-run' });
  const close = async (): Promise<void> => {
    await Promise.all([model.close(), transport.close()]);
  };
  return { agent: createAgentUnderTest(createAgent(bundle, { model, toolbox })), model, close };
}

interface Evaluation {
  readonly settings: EvaluationSettings;
  readonly suite: EvalSuiteSpec;
  readonly context: CommandContext;
}

async function runAll({ settings, suite, context }: Evaluation, { agent, model }: OpenAgent): Promise<readonly CaseOutcome[]> {
  const stop = new AbortController();
  const unsubscribe = context.onStopSignal(() => stop.abort(new Error('stopped by a signal')));
  const { casesFile, resultsFile, embeddingFolder } = settings;
  const source = allCases([inlineCases(suite), ...(casesFile === undefined ? [] : [casesOfFile(caseFileAt(casesFile, 'SLUICE_EVAL_CASES_FILE'))])]);
  try {
    const finished = await finishedResults(resultsFile, 'SLUICE_EVAL_RESULTS_FILE');
    const embedder = embeddingFolder === undefined ? undefined : await loadStaticEmbedder(embeddingFolder);
    const judge = await openJudge(suite.judge, model, { signal: stop.signal, print: context.print });
    const onProgress = (progress: Progress): void => context.print(progressLine(progress));
    const onResult = resultsFile === undefined ? undefined : (result: Parameters<typeof appendResult>[1]) => appendResult(resultsFile, result);
    return (await runSuite(suite, source, { agent, clock: systemClock, signal: stop.signal, models: { judge, embedder }, finished, onResult, onProgress })).outcomes;
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
  const settings = readEvaluationSettings(context.environment);
  const evaluation = { settings, suite: loadSuite(settings.suiteFile), context };
  const open = await openAgent(context);
  try {
    const outcomes = await runAll(evaluation, open);
    const report = createReport(outcomes);
    writeText(settings.reportFile, 'SLUICE_EVAL_REPORT_FILE', JSON.stringify(report));
    const verdict = await compared(outcomes, evaluation);
    writeDocuments(settings, outcomes, verdict);
    for (const failure of report.failures) context.print(`${failure.name}: ${failure.reason}`);
    for (const message of verdict?.messages ?? []) context.print(message);
    context.print(summary(report, settings.minPassPercent));
    return report.errored === report.total ? 1 : 0;
  } finally {
    await open.close();
  }
};

import { writeFileSync } from 'node:fs';
import type { EvalReport, EvalSuiteSpec } from '@sluice/crds';
import { type AgentUnderTest, createReport, inlineCases, type Progress, progressLine, runSuite } from '@sluice/evals';
import { createAgent } from '../agent/create-agent.ts';
import { loadBundle } from '../config/bundle.ts';
import { ConfigError } from '../config/config-error.ts';
import { readSettings } from '../config/environment.ts';
import { openProviderKey } from '../config/provider-key.ts';
import { createAgentUnderTest } from '../evaluation/agent-under-test.ts';
import { loadSuite, readEvaluationSettings } from '../evaluation/suite.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import { createModelClient } from '../providers/create-model-client.ts';
import { createHttpTransport } from '../tools/http-transport.ts';
import { createToolbox } from '../tools/toolbox.ts';
import type { Command, CommandContext } from './command.ts';

interface OpenAgent {
  readonly agent: AgentUnderTest;
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
  return { agent: createAgentUnderTest(createAgent(bundle, { model, toolbox })), close };
}

function writeReport(path: string, report: EvalReport): void {
  try {
    writeFileSync(path, JSON.stringify(report));
  } catch (cause) {
    throw new ConfigError([{ field: 'SLUICE_EVAL_REPORT_FILE', value: path, problem: 'names a file that cannot be written', fix: 'Set it to a path that this process may write; in a pod the default, /dev/termination-log, is one' }], { cause });
  }
}

async function runAll(suite: EvalSuiteSpec, agent: AgentUnderTest, context: CommandContext): Promise<EvalReport> {
  const stop = new AbortController();
  const unsubscribe = context.onStopSignal(() => stop.abort(new Error('stopped by a signal')));
  try {
    const onProgress = (progress: Progress): void => context.print(progressLine(progress));
    const { outcomes } = await runSuite(suite, inlineCases(suite), { agent, clock: systemClock, signal: stop.signal, onProgress });
    return createReport(outcomes);
  } finally {
    unsubscribe();
  }
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
  const suite = loadSuite(settings.suiteFile);
  const { agent, close } = await openAgent(context);
  try {
    const report = await runAll(suite, agent, context);
    writeReport(settings.reportFile, report);
    for (const failure of report.failures) context.print(`${failure.name}: ${failure.reason}`);
    context.print(summary(report, settings.minPassPercent));
    return report.errored === report.total ? 1 : 0;
  } finally {
    await close();
  }
};

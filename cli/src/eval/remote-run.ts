import { type CaseOutcome, type Embedder, EmbeddingModelError, loadStaticEmbedder, progressLine, runSuite } from '@sluice/evals';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { agentAtUrl } from './agent-at-url.ts';
import { startHeartbeat } from './heartbeat.ts';
import { badInput } from './manifests.ts';
import { runClock } from './run-clock.ts';
import type { RunOptions } from './run-options.ts';
import { needsRuntime, type PreparedSuite } from './suite.ts';

export interface RemoteRun {
  readonly label: string;
  readonly url: string;
  readonly suite: PreparedSuite;
  readonly options: Pick<RunOptions, 'embeddingFolder'>;
}

/** Asks an agent that runs somewhere all cases that can be asked there; the others have no result. Throws CliError. */
export async function runRemotely({ label, url, suite, options }: RemoteRun, surroundings: Surroundings): Promise<readonly CaseOutcome[]> {
  const { clock, signal, stderr, env, fetch } = surroundings;
  if (suite.spec.judge !== undefined) writeLines(stderr, [`${label}: no model judges at an address; cases with expect.judge have no result`]);
  const embedder = await embedderFrom(options.embeddingFolder);
  const agent = agentAtUrl({ url, fetch, token: env['SLUICE_AGENT_TOKEN']?.trim() || undefined, unaskable: await unaskableCases(suite) });
  const heartbeat = startHeartbeat(label, 'asking the first case', { clock, output: stderr });
  try {
    const { outcomes } = await runSuite(suite.spec, suite.source, { agent, clock: runClock(clock), signal, models: { embedder, noJudge: 'no model judges an agent at an address (--url)' }, onProgress: (progress) => heartbeat.update(progressLine(progress)) });
    return outcomes;
  } finally {
    heartbeat.stop();
  }
}

async function unaskableCases({ source }: PreparedSuite): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const { evalCase } of source.cases()) {
    const reason = needsRuntime(evalCase);
    if (reason !== undefined) found.set(evalCase.name, reason);
  }
  return found;
}

async function embedderFrom(folder: string | undefined): Promise<Embedder | undefined> {
  try {
    return folder === undefined ? undefined : await loadStaticEmbedder(folder);
  } catch (error) {
    if (error instanceof EmbeddingModelError) throw badInput(`--embedding: ${error.message}`, error);
    throw error;
  }
}

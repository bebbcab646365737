import { join } from 'node:path';
import { runGatewayChecks } from '../../../test/gateway/gateway-checks.ts';
import { runObjectiveChecks } from '../../../test/objectives/objective-checks.ts';
import { runStateChecks } from '../../../test/runtime-state/state-checks.ts';
import { StoryError } from '../../../test/story/chapter.ts';
import { terminalOutput } from '../../../test/story/output.ts';
import type { StoryCheck, StoryResult } from '../../../test/story/result.ts';
import { summary } from '../../../test/story/story.ts';
import { removeCluster } from '../cluster/cluster.ts';
import { dockerAnswers } from '../images/docker-engine.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';
import { DEMO_NAMESPACE } from '../up/claim-context.ts';
import { withCommandLock } from '../up/command-lock.ts';
import { type Environment, ensureEnvironment, stateFolderOf } from '../up/environment.ts';
import { ensureStoresImage } from '../stores/stores-image.ts';
import { ensureTools } from '../tools/tools.ts';
import { openRunLog, type RunLog } from '../up/log.ts';
import { usePrometheus } from '../up/operator-prometheus.ts';
import { installShard, removeShard } from '../up/shard.ts';
import { failedChecks, loggedOutput, tellStory } from '../up/tell-story.ts';
import { recordEvidence } from './evidence.ts';
import { NOTHING, type Tier, type TierContext, type TierResult } from './tier.ts';

/** Not the name that ./hack/up uses: a developer's cluster is left alone. */
const CLUSTER = 'sluice-test';
/** However the run ends, the cluster is removed; this long it may take. Milliseconds. */
const REMOVAL_TIMEOUT_MS = 3 * 60_000;
const QUERY_TIMEOUT_MS = 30_000;

export const e2eTier: Tier = {
  name: 'e2e',
  title: 'end to end: the story on a real node, and a real Envoy Gateway, every objective with a real Prometheus, and agents over a real Postgres and Valkey',
  hindrance: async ({ signal }) => {
    if (process.platform === 'linux' && process.getuid?.() === 0) return undefined;
    return (await dockerAnswers(signal)) ? undefined : 'it needs a Docker engine that answers, or root on Linux';
  },
  run,
};

async function run(context: TierContext): Promise<TierResult> {
  const stateRoot = join(context.repository, '.cluster');
  const say = (sentence: string): void => void context.terminal.write(`${sentence}\n`);
  return withCommandLock({ stateRoot, name: CLUSTER, clock: context.clock, signal: context.signal, say }, async () => logged(stateRoot, context));
}

async function logged(stateRoot: string, context: TierContext): Promise<TierResult> {
  const log = await openRunLog(join(stateRoot, `${CLUSTER}.log`), createTerminalProgress({ stream: context.terminal, clock: context.clock }), context.clock);
  try {
    return await runInCluster(stateRoot, log, context);
  } finally {
    await log.close();
  }
}

/** A cluster that an earlier, killed run left is removed first: the story begins on an empty one. */
async function runInCluster(stateRoot: string, log: RunLog, context: TierContext): Promise<TierResult> {
  await remove(stateRoot, log);
  try {
    return await storyResult(stateRoot, log, context);
  } catch (error) {
    context.signal.throwIfAborted();
    log.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const known = error instanceof Error ? error.message : String(error);
    return { ...NOTHING, failed: 1, remarks: [`${error instanceof StoryError ? 'the story stopped' : 'the cluster could not be brought up'}: ${known} (log: ${log.path})`] };
  } finally {
    await remove(stateRoot, log);
  }
}

async function storyResult(stateRoot: string, log: RunLog, context: TierContext): Promise<TierResult> {
  const { repository, signal, clock, terminal } = context;
  const began = clock.monotonicMs();
  const onErrorLine = (line: string): void => log.line(line);
  const environment = await ensureEnvironment({ repository, name: CLUSTER, stateRoot, context: undefined, images: undefined, gateway: 'install', progress: log.progress, signal, onErrorLine });
  const ready = clock.monotonicMs();
  const story = await tell(environment, log, context);
  terminal.write(`${summary(story).join('\n')}\n`);
  const told = clock.monotonicMs();
  // Its load would take the processor from what comes next.
  await environment.commands.kubectl(['delete', 'namespace', DEMO_NAMESPACE, '--wait=false'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
  const behindGateway = await checkGateway(environment, log, context);
  const seen = clock.monotonicMs();
  const judged = await checkObjectives(environment, log, context);
  const proven = clock.monotonicMs();
  const kept = await checkState(environment, log, context);
  return countChecks({ checks: [...story.checks, ...behindGateway, ...judged, ...kept] }, [
    { name: 'cluster, images, gateway, operator', seconds: (ready - began) / 1000 },
    { name: 'the story', seconds: (told - ready) / 1000 },
    { name: 'Envoy Gateway', seconds: (seen - told) / 1000 },
    { name: 'objectives', seconds: (proven - seen) / 1000 },
    { name: 'state', seconds: (clock.monotonicMs() - proven) / 1000 },
  ]);
}

async function tell({ cluster, commands, images }: Environment, log: RunLog, { signal, terminal }: TierContext): Promise<StoryResult> {
  const write = (text: string): void => log.line(text);
  const told = tellStory({ kubeconfig: cluster.kubeconfig, commands, testToolsImage: images.testTools, signal, terminal, log: write });
  const result = await told.catch(async (error: unknown) => {
    if (!signal.aborted) await recordEvidence(commands, write, signal);
    throw error;
  });
  if (failedChecks(result) > 0) await recordEvidence(commands, write, signal);
  return result;
}

async function checkGateway({ cluster, commands, images, gateway }: Environment, log: RunLog, { repository, signal, terminal }: TierContext): Promise<readonly StoryCheck[]> {
  if (gateway === undefined) throw new Error('the environment has no gateway');
  const write = (text: string): void => log.line(text);
  const output = loggedOutput(terminalOutput(terminal), write);
  return runGatewayChecks({
    kubeconfig: cluster.kubeconfig,
    kubectl: commands.kubectlPath,
    testToolsImage: images.testTools,
    gateway,
    output,
    shards: {
      install: async (shard) => installShard(shard, { commands, repository, operatorImage: images.operator, runtimeImage: images.runtime, signal }),
      remove: async (shard) => removeShard(shard, { commands, signal }),
    },
    signal,
    onFailure: async (namespace) => recordEvidence(commands, write, signal, namespace),
  });
}

async function checkObjectives({ cluster, commands, images, gateway }: Environment, log: RunLog, { repository, signal, terminal }: TierContext): Promise<readonly StoryCheck[]> {
  if (gateway === undefined) throw new Error('the environment has no gateway');
  const write = (text: string): void => log.line(text);
  const { prometheus } = await ensureTools(['prometheus'], { progress: log.progress, signal });
  return runObjectiveChecks({
    kubeconfig: cluster.kubeconfig,
    kubectl: commands.kubectlPath,
    prometheus,
    testToolsImage: images.testTools,
    gateway,
    output: loggedOutput(terminalOutput(terminal), write),
    usePrometheus: async (url) => usePrometheus(url, { commands, repository, operatorImage: images.operator, runtimeImage: images.runtime, signal }),
    signal,
    onFailure: async (namespace) => recordEvidence(commands, write, signal, namespace),
  });
}

async function checkState({ cluster, commands, images }: Environment, log: RunLog, { repository, signal, terminal, env }: TierContext): Promise<readonly StoryCheck[]> {
  const write = (text: string): void => log.line(text);
  const storesImage = await ensureStoresImage(cluster, { repository, progress: log.progress, signal, env });
  return runStateChecks({
    kubeconfig: cluster.kubeconfig,
    kubectl: commands.kubectlPath,
    testToolsImage: images.testTools,
    storesImage,
    output: loggedOutput(terminalOutput(terminal), write),
    signal,
    onFailure: async (namespace) => recordEvidence(commands, write, signal, namespace),
  });
}

/** Each promise of the story is a test. */
export function countChecks({ checks }: Pick<StoryResult, 'checks'>, longest: TierResult['longest']): TierResult {
  const failed = checks.filter((check) => check.ok === 'failed');
  return { ...NOTHING, passed: checks.length - failed.length, failed: failed.length, remarks: failed.map((check) => `${check.name}: ${check.detail}`), longest };
}

async function remove(stateRoot: string, log: RunLog): Promise<void> {
  const signal = AbortSignal.timeout(REMOVAL_TIMEOUT_MS);
  await removeCluster({ name: CLUSTER, stateFolder: stateFolderOf(stateRoot, CLUSTER), progress: log.progress, signal });
}

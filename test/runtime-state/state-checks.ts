import { AgentStand } from '../gateway/agent-stand.ts';
import { scriptsConfigMap } from '../gateway/script-pod.ts';
import { kubectlAt } from '../story/kubectl.ts';
import type { StoryOutput } from '../story/output.ts';
import { Checks, type StoryCheck } from '../story/result.ts';
import { Asking } from './asking.ts';
import { checkWorkers } from './job-checks.ts';
import { checkServer } from './session-checks.ts';
import { accessSecret, NAMESPACE, peerObjects, SERVER, storeObjects, WORKER } from './state-objects.ts';

export interface RuntimeStateOptions {
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  readonly testToolsImage: string;
  /** With Postgres and Valkey. */
  readonly storesImage: string;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
  /** Called while the objects that failed a check are still there. */
  readonly onFailure: (namespace: string) => Promise<void>;
}

/** Long enough that jobs are in the middle of something when a pod ends. */
const SCRIPT = JSON.stringify({ seed: 1, latency: { fixedMs: 300 } });

/** Agents that keep what they must not forget, on real pods: callers, sessions, jobs, releases and deaths. What is not as promised is a failed check in the result. */
export async function runStateChecks(options: RuntimeStateOptions): Promise<readonly StoryCheck[]> {
  const { output, signal } = options;
  const checks = new Checks();
  output.chapter('Agents over Postgres and Valkey: callers, sessions over pods, jobs while workers change and die');
  const [server, worker] = [SERVER, WORKER].map((agent) => new AgentStand({ ...options, namespace: NAMESPACE, agent })) as [AgentStand, AgentStand];
  const asking = new Asking({ kubectl: kubectlAt(options.kubectl, options.kubeconfig), signal });
  try {
    await build(options, server);
    for (const [stand, check] of [[server, checkServer], [worker, checkWorkers]] as const) await check({ stand, asking, checks, output, signal });
  } catch (error) {
    signal.throwIfAborted();
    checks.expect('agents over Postgres and Valkey could be seen to their end', 'failed', error instanceof Error ? error.message : String(error));
  }
  try {
    if (checks.all.some(({ ok }) => ok === 'failed')) await options.onFailure(NAMESPACE);
    await server.remove();
  } finally {
    await Promise.all([server.close(), worker.close()]);
  }
  for (const { name, ok, detail } of checks.all) output.line(`${ok}: ${name}: ${detail}`);
  return checks.all;
}

async function build({ storesImage, testToolsImage }: RuntimeStateOptions, stand: AgentStand): Promise<void> {
  await stand.build(SCRIPT);
  await stand.apply([...storeObjects(storesImage), accessSecret(['first']), await scriptsConfigMap(NAMESPACE), ...peerObjects(testToolsImage)]);
  await stand.kubectl(['-n', NAMESPACE, 'wait', 'pods', '--all', '--for=condition=Ready', '--timeout=120s']);
}

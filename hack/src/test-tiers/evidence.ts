import { CommandError } from '../process/command.ts';
import { SYSTEM_NAMESPACE } from '../up/chart.ts';
import { DEMO_NAMESPACE } from '../up/claim-context.ts';
import type { ClusterCommands } from '../up/cluster-command.ts';

const TIMEOUT_MS = 30_000;
const SYSTEM = ['-n', SYSTEM_NAMESPACE];

/** What one would ask a cluster after a failure of what is in the namespace. No Secret is among it. */
function questions(namespace: string): readonly (readonly string[])[] {
  const there = ['-n', namespace];
  return [
    ['get', 'pods', '--all-namespaces', '-o', 'wide'],
    [...there, 'get', 'agentdeployments,releases,evalruns', '-o', 'yaml'],
    [...there, 'get', 'httproutes.gateway.networking.k8s.io', '-o', 'yaml'],
    [...there, 'get', 'events', '--sort-by=.lastTimestamp'],
    [...there, 'logs', 'deployment/load', '--tail=2'],
    [...there, 'logs', '-l', 'sluice.dev/agent', '--all-containers', '--prefix', '--tail=200'],
    [...SYSTEM, 'logs', '-l', 'app.kubernetes.io/name=sluice', '--all-containers', '--tail=500'],
  ];
}

/** Writes the state of the cluster into the log, before it is removed. A question that fails is an answer too. */
export async function recordEvidence(commands: ClusterCommands, write: (text: string) => void, signal: AbortSignal, namespace = DEMO_NAMESPACE): Promise<void> {
  for (const args of questions(namespace)) {
    write(`\n--- kubectl ${args.join(' ')}`);
    try {
      write(await commands.kubectl(args, { signal, timeoutMs: TIMEOUT_MS }));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      write(error.message);
    }
  }
}

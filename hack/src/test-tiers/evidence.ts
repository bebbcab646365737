import { CommandError } from '../process/command.ts';
import { SYSTEM_NAMESPACE } from '../up/chart.ts';
import { DEMO_NAMESPACE } from '../up/claim-context.ts';
import type { ClusterCommands } from '../up/cluster-command.ts';

const TIMEOUT_MS = 30_000;
const DEMO = ['-n', DEMO_NAMESPACE];
const SYSTEM = ['-n', SYSTEM_NAMESPACE];

/** What one would ask a cluster after a failure. No Secret is among it. */
const QUESTIONS: readonly (readonly string[])[] = [
  ['get', 'pods', '--all-namespaces', '-o', 'wide'],
  [...DEMO, 'get', 'agentdeployments,releases,evalruns', '-o', 'yaml'],
  [...DEMO, 'get', 'events', '--sort-by=.lastTimestamp'],
  [...DEMO, 'logs', 'deployment/load', '--tail=2'],
  [...DEMO, 'logs', '-l', 'sluice.dev/agent', '--all-containers', '--prefix', '--tail=200'],
  [...SYSTEM, 'logs', '-l', 'app.kubernetes.io/name=sluice', '--all-containers', '--tail=500'],
];

/** Writes the state of the cluster into the log, before it is removed. A question that fails is an answer too. */
export async function recordEvidence(commands: ClusterCommands, write: (text: string) => void, signal: AbortSignal): Promise<void> {
  for (const args of QUESTIONS) {
    write(`\n--- kubectl ${args.join(' ')}`);
    try {
      write(await commands.kubectl(args, { signal, timeoutMs: TIMEOUT_MS }));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      write(error.message);
    }
  }
}

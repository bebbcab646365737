import { type Clock, type Environment, KubeClient, loadKubeConfig, ServerClock, Transport } from '@sluice/kube';
import { type CommandLine, namespaceFrom } from './command-line.ts';

/** Options of every command that asks a cluster. */
export const clusterOptions = {
  namespace: { type: 'string', short: 'n' },
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
} as const;

export const clusterOptionsHelp = `  -n, --namespace NS     namespace of the agent; default: that of the context
      --context NAME     context of the kubeconfig; default: its current-context
      --kubeconfig PATH  default: the files of KUBECONFIG, then ~/.kube/config
  -h, --help             this text`;

export interface Cluster {
  readonly client: KubeClient;
  /** For what is no object. */
  readonly transport: Transport;
  readonly namespace: string;
  /** The API server's, by the dates of its answers: what objects tell is by it, or by the operator's, which goes by it too. That of this machine may be wrong. */
  readonly clock: Clock;
}

export interface ClusterSurroundings {
  readonly env: Environment;
  readonly clock: Clock;
}

/** Runs `work` with a connection to the cluster that the command line names, and closes it. Throws KubeError. */
export async function withCluster<T>(command: string, line: CommandLine, { env, clock }: ClusterSurroundings, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const namespace = namespaceFrom(command, line);
  const path = line.text('kubeconfig');
  const context = line.text('context');
  const connection = loadKubeConfig({ env, clock, ...(path === undefined ? {} : { path }), ...(context === undefined ? {} : { context }) });
  const serverClock = new ServerClock(clock);
  const transport = new Transport({ connection, clock, userAgent: 'kubectl-sluice', onAnswer: (answer) => serverClock.heard(answer) });
  try {
    return await work({ client: new KubeClient({ transport, fieldManager: 'kubectl-sluice' }), transport, clock: serverClock, namespace: namespace ?? connection.namespace });
  } finally {
    await transport.close();
  }
}

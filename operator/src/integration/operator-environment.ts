import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperatorIdentity } from './operator-identity.ts';

export interface OperatorSurroundings {
  /** Address of the API server, or of what stands before it. */
  readonly server: string;
  readonly identity: OperatorIdentity;
  /** The pod's. */
  readonly name: string;
  /** For its kubeconfig. */
  readonly folder: string;
  readonly shard?: string | undefined;
}

/** The variables that an operator reads, with a kubeconfig of its own. */
export async function operatorEnvironment({ server, identity, name, folder, shard = '' }: OperatorSurroundings): Promise<Readonly<Record<string, string>>> {
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigOf(server, shard === '' ? identity.token : identity.shardingToken), { mode: 0o600 });
  return {
    KUBECONFIG: kubeconfig, POD_NAME: name, POD_NAMESPACE: identity.namespace, SLUICE_WATCH_NAMESPACES: identity.watched.join(','), SLUICE_HOST: '127.0.0.1', SLUICE_SHARD: shard,
  };
}

function kubeconfigOf(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'operator', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'operator' } }],
    'current-context': 'test',
  });
}

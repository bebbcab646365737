import { type Logger, silentLogger } from '../logger.ts';
import { loadKubeConfig } from '../config/kubeconfig.ts';
import type { ClusterConnection } from '../config/connection.ts';
import { KubeClient } from '../client/kube-client.ts';
import { WriteTracker } from '../consistency/write-tracker.ts';
import { customResourceDefinitions } from '../resources/cluster.ts';
import { type Namespace, namespaces } from '../resources/core.ts';
import { Transport } from '../transport/transport.ts';
import { eventually } from './eventually.ts';
import { widgetDefinition } from './widgets.ts';

/** A connection to the API server of the integration tests. Fails with what to do when there is none. */
export function testConnection(): ClusterConnection {
  const path = process.env['SLUICE_TEST_KUBECONFIG'];
  if (!path) throw new Error('SLUICE_TEST_KUBECONFIG is not set: run the integration tests through the vitest project `integration`, whose set-up starts an API server and sets it');
  return loadKubeConfig({ path, env: process.env });
}

/** A namespace of its own on the real API server, with all that a test needs to talk to it. */
export interface TestCluster {
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly writes: WriteTracker;
  readonly namespace: string;
  readonly logger: Logger;
  readonly call: { readonly signal: AbortSignal };
  close(): Promise<void>;
}

/** Opens it; `label` goes into the namespace's name. */
export async function openTestCluster(label: string): Promise<TestCluster> {
  const transport = new Transport({ connection: testConnection() });
  const writes = new WriteTracker();
  const client = new KubeClient({ transport, writes });
  const stop = new AbortController();
  const call = { signal: stop.signal };
  const made = await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '', generateName: `kube-${label}-` } } satisfies Namespace, call);
  const namespace = made.metadata.name;
  return {
    transport, client, writes, namespace, logger: silentLogger, call,
    async close() {
      await client.delete(namespaces, { namespace: '', name: namespace }, {}, call);
      stop.abort();
      await transport.close();
    },
  };
}

/** Installs the Widget kind, once, and waits until it is served. */
export async function installWidgets({ client, call }: TestCluster): Promise<void> {
  await client.apply(customResourceDefinitions, widgetDefinition, { fieldManager: 'kube-tests', conflicts: 'force' }, call);
  await eventually('the Widget kind is served', async () => {
    const definition = await client.get(customResourceDefinitions, { namespace: '', name: widgetDefinition.metadata.name }, call);
    return definition.status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True') ?? false;
  });
}

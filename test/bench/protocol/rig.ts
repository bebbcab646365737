import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type ClusterConnection, type ConfigMap, configMaps, KubeClient, loadKubeConfig, systemClock, Transport, type TransportOptions } from '@sluice/kube';

export type Protocol = NonNullable<TransportOptions['protocol']>;

export const NAMESPACE = 'default';
const LABEL = { bench: 'protocol' };

export interface Rig {
  readonly transport: Transport;
  readonly client: KubeClient;
  /** Connections opened since the rig was made. */
  connections(): number;
  close(): Promise<void>;
}

/** A client of `protocol`; `port` sends it through a proxy on loopback instead of to the server itself. */
export function openRig(kubeconfig: string, protocol: Protocol, port?: number): Rig {
  const loaded = loadKubeConfig({ path: kubeconfig, env: {} });
  const connection: ClusterConnection = port === undefined ? loaded : { ...loaded, server: `https://127.0.0.1:${port}` };
  const transport = new Transport({ connection, protocol });
  let connected = 0;
  const count = () => void (connected += 1);
  subscribe('undici:client:connected', count);
  return {
    transport,
    client: new KubeClient({ transport }),
    connections: () => connected,
    async close() {
      unsubscribe('undici:client:connected', count);
      await transport.close();
    },
  };
}

export function configMap(name: string, bytes: number): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE, labels: LABEL }, data: { payload: text(bytes) } };
}

/** Words rather than one repeated letter, so that compression has the work it has with real objects. */
function text(bytes: number): string {
  let result = '';
  for (let index = 0; result.length < bytes; index++) result += `key-${(index * 7919) % 10_007} `;
  return result.slice(0, bytes);
}

export interface Watching {
  /** Lines received so far. */
  lines(): number;
  /** Resolves with the failure, or undefined when it ended cleanly. */
  readonly ended: Promise<unknown>;
}

/** A watch of changes from now on: without a version the server would first send every object there is. */
export async function watch(client: KubeClient, signal: AbortSignal, deadlineMs = 10_000): Promise<Watching> {
  let lines = 0;
  const { resourceVersion } = await client.list(configMaps, { namespace: NAMESPACE, limit: 1 }, { signal, deadlineMs });
  const stream = await client.watch(configMaps, { namespace: NAMESPACE, resourceVersion, timeoutSeconds: 600 }, { signal, deadlineMs });
  const read = async (): Promise<undefined> => {
    for await (const chunk of stream) lines += chunk.includes(10) ? 1 : 0;
    return undefined;
  };
  return { lines: () => lines, ended: read().catch((error: unknown) => error) };
}

export function elapsed(): () => number {
  const from = systemClock.monotonic();
  return () => systemClock.monotonic() - from;
}

export function pause(ms: number): Promise<void> {
  return systemClock.sleep(ms, { signal: new AbortController().signal });
}

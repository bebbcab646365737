import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';
import type { ClusterConnection, Environment } from './connection.ts';
import { tokenFileCredential } from './credential-sources.ts';
import { loadKubeConfig, type LoadKubeConfigOptions } from './kubeconfig.ts';
import { RefreshedFile } from './refreshed-file.ts';

/** Where the kubelet mounts a pod's service account. */
const SERVICE_ACCOUNT_ROOT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  /** Folder with `token`, `ca.crt` and `namespace`. */
  readonly root?: string;
  readonly env: Environment;
  readonly clock?: Clock;
}

/** The connection a pod has to its own cluster. Token and CA follow rotation. Throws KubeError (reason `Config`) outside a pod. */
export function inClusterConfig(options: InClusterOptions): ClusterConnection {
  const clock = options.clock ?? systemClock;
  const root = options.root ?? SERVICE_ACCOUNT_ROOT;
  const host = options.env['KUBERNETES_SERVICE_HOST'];
  const port = options.env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) throw configError('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is not a pod; use a kubeconfig');
  if (!existsSync(join(root, 'token'))) {
    throw configError(`'${join(root, 'token')}' is missing; set automountServiceAccountToken: true on the pod or mount a projected token there`);
  }
  const ca = new RefreshedFile(join(root, 'ca.crt'), clock);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: readNamespace(root),
    trust: async () => ({ ca: await ca.read(), serverName: undefined, verify: 'verify' }),
    credentials: tokenFileCredential(join(root, 'token'), clock),
  };
}

function readNamespace(root: string): string {
  try {
    return readFileSync(join(root, 'namespace'), 'utf8').trim() || 'default';
  } catch {
    return 'default';
  }
}

/** `context` is of the kubeconfig; naming one rules the in-cluster connection out. */
export type ConnectionFromEnvironmentOptions = Omit<LoadKubeConfigOptions, 'path'>;

/** In a pod without KUBECONFIG the in-cluster connection, else the kubeconfig's. */
export function connectionFromEnvironment(options: ConnectionFromEnvironmentOptions): ClusterConnection {
  const inPod = options.env['KUBERNETES_SERVICE_HOST'] && !options.env['KUBECONFIG'] && options.context === undefined;
  return inPod ? inClusterConfig(options) : loadKubeConfig(options);
}

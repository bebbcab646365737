import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { KubeError } from '../kube-error.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { configError } from './config-error.ts';
import type { ClusterConnection, Environment, Trust } from './connection.ts';
import { fileOf, inline } from './entry-fields.ts';
import type { ExecClusterInfo } from './exec-plugin.ts';
import { type Entry, type KubeConfigFile, readKubeConfig, textOf } from './kubeconfig-file.ts';
import { RefreshedFile } from './refreshed-file.ts';
import type { PersistTokens } from './token-store.ts';
import { credentialsOf, impersonationOf } from './user-credentials.ts';

export interface LoadKubeConfigOptions {
  /** Default: the files of KUBECONFIG, then ~/.kube/config. */
  readonly path?: string;
  /** Default: `current-context`. */
  readonly context?: string;
  readonly env: Environment;
  readonly clock?: Clock;
  /** Counts the runs of exec plugins. */
  readonly metrics?: KubeMetrics;
  /** Where the refreshed tokens of an OpenID Connect user go; default 'kubeconfig'. */
  readonly persist?: PersistTokens;
  /** Hears when they could not be read or written there, which stops no call; default: a warning of the process. Holds no token. */
  readonly onPersistFailure?: (failure: KubeError) => void;
}

/** The connection a kubeconfig describes. Throws KubeError (reason `Config`) naming the file, the field and the fix. */
export function loadKubeConfig(options: LoadKubeConfigOptions): ClusterConnection {
  const clock = options.clock ?? systemClock;
  const file = readKubeConfig(options);
  const context = pickContext(file, options.context);
  const cluster = pick(file, file.clusters, context, 'cluster');
  const user = pick(file, file.users, context, 'user');
  const server = serverOf(cluster);
  return {
    server,
    namespace: textOf(context.fields['namespace']) ?? 'default',
    trust: trustOf(cluster, clock),
    credentials: credentialsOf(user, {
      cluster: clusterInfo(cluster, server), env: options.env, clock, metrics: options.metrics ?? new KubeMetrics(),
      persist: options.persist ?? 'kubeconfig', onPersistFailure: options.onPersistFailure ?? ((failure) => process.emitWarning(failure.message)),
    }),
    proxy: proxyOf(cluster),
    impersonate: impersonationOf(user),
  };
}

function pickContext(file: KubeConfigFile, wanted: string | undefined): Entry {
  const name = wanted ?? file.currentContext;
  const known = [...file.contexts.keys()].join(', ');
  if (known === '') {
    throw configError(`kubeconfig ${file.paths.join(', ')} has no contexts, so it names no cluster; let KUBECONFIG name the file of your cluster, or write a context with 'kubectl config set-context'`);
  }
  if (name === undefined) throw configError(`kubeconfig ${file.paths.join(', ')} has no current-context; name one of: ${known}`);
  const context = file.contexts.get(name);
  if (!context) throw configError(`kubeconfig ${file.paths.join(', ')} has no context '${name}'; it has: ${known}`);
  return context;
}

function pick(file: KubeConfigFile, entries: ReadonlyMap<string, Entry>, context: Entry, member: 'cluster' | 'user'): Entry {
  const name = textOf(context.fields[member]);
  const entry = name === undefined ? undefined : entries.get(name);
  if (!entry) throw configError(`kubeconfig ${file.paths.join(', ')}: context '${context.name}' refers to ${member} '${String(name)}', which is not in ${member}s`);
  return entry;
}

function serverOf(cluster: Entry): string {
  const where = `kubeconfig '${cluster.source}': clusters['${cluster.name}']`;
  const server = textOf(cluster.fields['server']);
  if (server === undefined || !URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw configError(`${where}.server is '${String(server)}'; write a URL such as https://host:6443`);
  }
  return server.replace(/\/+$/, '');
}

function proxyOf(cluster: Entry): string | undefined {
  const where = `kubeconfig '${cluster.source}': clusters['${cluster.name}'].proxy-url`;
  const proxy = textOf(cluster.fields['proxy-url']);
  if (proxy === undefined) return undefined;
  // The value is not quoted: it may hold a password.
  if (!URL.canParse(proxy)) throw configError(`${where} is not a URL; write one such as http://proxy.example:3128`);
  const { protocol } = new URL(proxy);
  if (protocol === 'http:' || protocol === 'https:') return proxy;
  throw configError(`${where} has the scheme '${protocol.slice(0, -1)}', which is not supported; use an http or https proxy`);
}

function trustOf(cluster: Entry, clock: Clock): () => Promise<Trust> {
  const serverName = textOf(cluster.fields['tls-server-name']);
  const verify = cluster.fields['insecure-skip-tls-verify'] === true ? 'skip' : 'verify';
  const ca = inline(cluster, 'certificate-authority');
  const path = fileOf(cluster, 'certificate-authority');
  if (ca !== undefined || path === undefined) return () => Promise.resolve({ ca, serverName, verify });
  const file = new RefreshedFile(path, clock);
  return async () => ({ ca: await file.read(), serverName, verify });
}

function clusterInfo(cluster: Entry, server: string): ExecClusterInfo {
  const ca = textOf(cluster.fields['certificate-authority-data']);
  const serverName = textOf(cluster.fields['tls-server-name']);
  return {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': ca }),
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true ? { 'insecure-skip-tls-verify': true } : {}),
  };
}

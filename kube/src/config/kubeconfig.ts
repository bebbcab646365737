import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';
import type { ClusterConnection, CredentialSource, Environment, Trust } from './connection.ts';
import { certificateFilesCredential, fixedCredential, tokenFileCredential } from './credential-sources.ts';
import { type ExecClusterInfo, ExecPlugin } from './exec-plugin.ts';
import { readExecSpec } from './exec-spec.ts';
import { type Entry, isFields, type KubeConfigFile, readKubeConfig, textOf } from './kubeconfig-file.ts';
import { RefreshedFile } from './refreshed-file.ts';

export interface LoadKubeConfigOptions {
  /** Default: the files of KUBECONFIG, then ~/.kube/config. */
  readonly path?: string;
  /** Default: `current-context`. */
  readonly context?: string;
  readonly env: Environment;
  readonly clock?: Clock;
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
    credentials: credentialsOf(user, cluster, server, options.env, clock),
  };
}

function pickContext(file: KubeConfigFile, wanted: string | undefined): Entry {
  const name = wanted ?? file.currentContext;
  const known = [...file.contexts.keys()].join(', ') || 'none';
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
  if (textOf(cluster.fields['proxy-url'])) throw configError(`${where}.proxy-url is not supported; remove it and reach the server directly`);
  return server.replace(/\/+$/, '');
}

/** PEM from base64 `<field>-data`, else undefined; `<field>` files are handled by the caller as they may rotate. */
function inline(entry: Entry, field: string): string | undefined {
  const data = textOf(entry.fields[`${field}-data`]);
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

function fileOf(entry: Entry, field: string): string | undefined {
  const path = textOf(entry.fields[field]);
  return path === undefined ? undefined : resolve(dirname(entry.source), path);
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

function credentialsOf(user: Entry, cluster: Entry, server: string, env: Environment, clock: Clock): CredentialSource {
  refuseUnsupported(user);
  const exec = user.fields['exec'];
  if (isFields(exec)) {
    return new ExecPlugin({ spec: readExecSpec(user, exec), user: user.name, cluster: clusterInfo(cluster, server), env, clock });
  }
  const authorization = authorizationOf(user);
  const cert = inline(user, 'client-certificate');
  const key = inline(user, 'client-key');
  const paths = { cert: fileOf(user, 'client-certificate'), key: fileOf(user, 'client-key') };
  const hasCert = cert !== undefined || paths.cert !== undefined;
  if (hasCert !== (key !== undefined || paths.key !== undefined)) {
    throw configError(`kubeconfig '${user.source}': users['${user.name}'] has only one of client-certificate and client-key; give both`);
  }
  if (cert === undefined && key === undefined && paths.cert && paths.key) return certificateFilesCredential({ cert: paths.cert, key: paths.key }, clock, authorization);
  const certificate = hasCert ? { cert: cert ?? readNow(paths.cert), key: key ?? readNow(paths.key) } : undefined;
  const tokenFile = fileOf(user, 'tokenFile');
  // As in client-go, a tokenFile beats a token.
  return tokenFile === undefined ? fixedCredential({ authorization, certificate }) : tokenFileCredential(tokenFile, clock, certificate);
}

function refuseUnsupported(user: Entry): void {
  const where = `kubeconfig '${user.source}': users['${user.name}']`;
  if (user.fields['auth-provider'] !== undefined) throw configError(`${where}.auth-provider was removed from Kubernetes; use an exec plugin`);
  if (user.fields['as'] !== undefined) throw configError(`${where}.as (impersonation) is not supported; use that user's own credentials`);
}

function authorizationOf(user: Entry): string | undefined {
  const token = textOf(user.fields['token']);
  if (token !== undefined) return `Bearer ${token.trim()}`;
  const username = textOf(user.fields['username']);
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${textOf(user.fields['password']) ?? ''}`).toString('base64')}`;
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

function readNow(path: string | undefined): string {
  try {
    return readFileSync(path ?? '', 'utf8');
  } catch (error) {
    throw configError(`cannot read '${String(path)}', which a kubeconfig names; check that it exists and is readable`, error);
  }
}

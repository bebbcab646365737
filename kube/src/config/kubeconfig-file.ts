import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { configError } from './config-error.ts';
import type { Environment } from './connection.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** One named entry and the file it came from, against which its relative paths are resolved. */
export interface Entry {
  readonly name: string;
  readonly fields: Fields;
  readonly source: string;
}

export interface KubeConfigFile {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
  /** For messages. */
  readonly paths: readonly string[];
}

export interface ExecSpec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly provideClusterInfo: boolean;
  readonly installHint: string | undefined;
  readonly source: string;
}

/** Whether a file that does not exist is passed over. */
type Absence = 'PassedOver' | 'Refused';

/** Reads `path`, or the files KUBECONFIG lists, or ~/.kube/config. As in kubectl the first file to name a thing wins. */
export function readKubeConfig(options: { path?: string; env: Environment }): KubeConfigFile {
  const { paths, absence } = pathsToRead(options);
  const merged = { clusters: new Map<string, Entry>(), users: new Map<string, Entry>(), contexts: new Map<string, Entry>() };
  let currentContext: string | undefined;
  let found = 0;
  for (const path of paths) {
    const document = readDocument(path, absence);
    if (document === undefined) continue;
    found += 1;
    currentContext ??= textOf(document['current-context']);
    addEntries(merged.clusters, document['clusters'], 'cluster', path);
    addEntries(merged.users, document['users'], 'user', path);
    addEntries(merged.contexts, document['contexts'], 'context', path);
  }
  if (found === 0) throw configError(`no kubeconfig at ${paths.join(', ')}; set KUBECONFIG to one or pass its path`);
  return { ...merged, currentContext, paths };
}

function pathsToRead({ path, env }: { path?: string; env: Environment }): { paths: string[]; absence: Absence } {
  if (path !== undefined) return { paths: [path], absence: 'Refused' };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((entry) => entry !== '');
  if (listed.length > 0) return { paths: listed, absence: 'PassedOver' };
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (!home) throw configError('neither KUBECONFIG nor HOME is set; set KUBECONFIG to the path of a kubeconfig');
  return { paths: [join(home, '.kube', 'config')], absence: 'Refused' };
}

function readDocument(path: string, absence: Absence): Fields | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (absence === 'PassedOver' && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw configError(`cannot read kubeconfig '${path}'; check that it exists and is readable`, error);
  }
  try {
    const document: unknown = parse(text);
    if (isFields(document)) return document;
  } catch {
    // The parser's message quotes the file, which holds credentials.
  }
  throw configError(`kubeconfig '${path}' is not a YAML mapping; it should start with 'apiVersion: v1' and 'kind: Config'`);
}

function addEntries(into: Map<string, Entry>, list: unknown, member: string, source: string): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw configError(`kubeconfig '${source}': ${member}s must be a list`);
  for (const item of list as unknown[]) {
    const name = isFields(item) ? textOf(item['name']) : undefined;
    if (!isFields(item) || name === undefined) throw configError(`kubeconfig '${source}': every entry of ${member}s needs a name`);
    const fields = item[member];
    if (!into.has(name)) into.set(name, { name, fields: isFields(fields) ? fields : {}, source });
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty string, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

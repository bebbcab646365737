import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../progress/clock.ts';
import { identifyProcess, isErrno, isRunning, type ProcessIdentity, signalProcess } from '../process/identity.ts';
import { ClusterError } from './cluster-error.ts';

/** One long-running program of a cluster. */
export interface Component {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the program, in front of it: enters namespaces and the like. Leaves the pid as it is. */
  readonly wrapper?: readonly string[];
  /** Text of the files that the program reads at start: a change of it makes a new process necessary. */
  readonly inputs?: readonly string[];
}

export interface ComponentFolders {
  readonly log: string;
  readonly processes: string;
}

interface ProcessRecord extends ProcessIdentity {
  readonly digest: string;
}

const STOP_POLL_MS = 50;
const RECORD_END = '.json';

/** Starts the component unless the recorded process runs and was started from the same definition. */
export async function ensureComponent(component: Component, folders: ComponentFolders, clock: Clock, signal: AbortSignal): Promise<'kept' | 'started'> {
  const record = await readRecord(folders, component.name);
  const running = record !== undefined && (await isRunning(record));
  if (running && record.digest === componentDigest(component)) return 'kept';
  if (running) await stopComponent(component.name, folders, { clock, signal, graceMs: 5_000 });
  await startComponent(component, folders);
  return 'started';
}

/** Starts the component in a session of its own: it outlives this process. Its output is appended to its log. */
export async function startComponent(component: Component, folders: ComponentFolders): Promise<ProcessIdentity> {
  await mkdir(folders.log, { recursive: true });
  await mkdir(folders.processes, { recursive: true });
  const log = await open(logPath(folders, component.name), 'a');
  try {
    const [program, ...args] = [...(component.wrapper ?? []), component.program, ...component.args];
    if (program === undefined) throw new ClusterError(`component ${component.name} has no program`);
    const pid = await spawnDetached(program, args, component, log.fd);
    const identity = await identifyProcess(pid);
    if (identity === undefined) throw new ClusterError(`${component.name} ended at once; its log is ${logPath(folders, component.name)}`);
    await writeRecord(folders, component.name, { ...identity, digest: componentDigest(component) });
    return identity;
  } finally {
    await log.close();
  }
}

/** Ends the recorded process: asks, waits `graceMs`, kills. A pid that another process has got meanwhile is left alone. */
export async function stopComponent(
  name: string,
  folders: ComponentFolders,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly graceMs: number },
): Promise<void> {
  const record = await readRecord(folders, name);
  if (record !== undefined) await endProcess(record, options);
  await rm(recordPath(folders, name), { force: true });
}

/** Asks the process to end, and kills it when it still runs after `graceMs`. */
export async function endProcess(
  identity: ProcessIdentity,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly graceMs: number },
): Promise<void> {
  const deadline = options.clock.monotonicMs() + options.graceMs;
  let alive = await signalProcess(identity, options.graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
  while (alive) {
    if (options.clock.monotonicMs() > deadline) await signalProcess(identity, 'SIGKILL');
    await options.clock.sleep(STOP_POLL_MS, options.signal);
    alive = await isRunning(identity);
  }
}

/** Names of the components that were started and not stopped, whether they run or not. */
export async function recordedComponents(folders: ComponentFolders): Promise<readonly string[]> {
  try {
    const names = await readdir(folders.processes);
    return names.filter((name) => name.endsWith(RECORD_END)).map((name) => name.slice(0, -RECORD_END.length));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The recorded process of that name, when it still runs. */
export async function findComponent(name: string, folders: ComponentFolders): Promise<ProcessIdentity | undefined> {
  const record = await readRecord(folders, name);
  return record !== undefined && (await isRunning(record)) ? record : undefined;
}

export function logPath(folders: ComponentFolders, name: string): string {
  return join(folders.log, `${name}.log`);
}

/** The wrapper is left out: it names pids that differ from start to start. */
export function componentDigest(component: Component): string {
  return createHash('sha256')
    .update(JSON.stringify([component.program, component.args, component.env ?? {}, component.inputs ?? []]))
    .digest('hex');
}

async function spawnDetached(program: string, args: readonly string[], component: Component, output: number): Promise<number> {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], env: { ...process.env, ...component.env }, cwd: '/' });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new ClusterError(`${component.name} could not be started: ${error.message}`, { cause: error })));
  });
  child.unref();
  if (child.pid === undefined) throw new ClusterError(`${component.name} could not be started`);
  return child.pid;
}

function recordPath(folders: ComponentFolders, name: string): string {
  return join(folders.processes, `${name}${RECORD_END}`);
}

async function writeRecord(folders: ComponentFolders, name: string, record: ProcessRecord): Promise<void> {
  const path = recordPath(folders, name);
  await writeFile(`${path}.new`, JSON.stringify(record));
  await rename(`${path}.new`, path);
}

async function readRecord(folders: ComponentFolders, name: string): Promise<ProcessRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(recordPath(folders, name), 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is ProcessRecord {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number' && 'start' in value && 'digest' in value;
}

import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../process/identity.ts';

const CGROUP_ROOT = '/sys/fs/cgroup';
/** What kubelet sets limits with, on cgroup v2. */
const CONTROLLERS = ['cpu', 'cpuset', 'io', 'memory', 'pids', 'hugetlb'];
/** Ten times the default of a cgroup, on v1 and on v2. */
const WEIGHTS = [
  ['cpu.shares', '10240'],
  ['cpu.weight', '1000'],
] as const;

/** Makes the cgroup below which kubelet puts the pods, in every hierarchy of the machine (v1 has several, v2 one). */
export async function ensureCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await enableControllers(hierarchy);
    const folder = join(hierarchy, name);
    await mkdir(folder, { recursive: true });
    await inheritCpuset(hierarchy, folder);
    await weigh(folder);
  }
}

/**
 * A node stands for a machine. With the default its pods together would get as much processor time as one single process beside it,
 * and its probes would fail as soon as a compiler runs.
 */
async function weigh(folder: string): Promise<void> {
  for (const [file, weight] of WEIGHTS) {
    const there = await ignoreMissing(readFile(join(folder, file), 'utf8'));
    if (there !== undefined) await writeFile(join(folder, file), weight);
  }
}

/** Processes in the cgroup and all below it. */
export async function cgroupProcesses(name: string): Promise<readonly number[]> {
  const pids = new Set<number>();
  for (const folder of await cgroupFolders(name)) {
    for (const pid of await readPids(join(folder, 'cgroup.procs'))) pids.add(pid);
  }
  return [...pids];
}

/** Removes the cgroup and all below it: they must hold no process any more. */
export async function removeCgroup(name: string): Promise<void> {
  const folders = await cgroupFolders(name);
  // The deepest first: a cgroup with children cannot be removed.
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) await ignoreMissing(rmdir(folder));
}

async function cgroupFolders(name: string): Promise<readonly string[]> {
  const roots = (await hierarchies()).map((hierarchy) => join(hierarchy, name));
  const nested = await Promise.all(roots.map(subtree));
  return nested.flat();
}

async function subtree(folder: string): Promise<readonly string[]> {
  const entries = await ignoreMissing(readdir(folder, { withFileTypes: true }));
  if (entries === undefined) return [];
  const children = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => subtree(join(folder, entry.name))));
  return [folder, ...children.flat()];
}

/** The mounted hierarchies: the root itself on v2, its sub-folders on v1 (some of which may be links to others). */
async function hierarchies(): Promise<readonly string[]> {
  const entries = (await ignoreMissing(readdir(CGROUP_ROOT, { withFileTypes: true }))) ?? [];
  if (entries.some((entry) => entry.name === 'cgroup.controllers')) return [CGROUP_ROOT];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(CGROUP_ROOT, entry.name));
}

async function enableControllers(hierarchy: string): Promise<void> {
  const offered = await ignoreMissing(readFile(join(hierarchy, 'cgroup.controllers'), 'utf8'));
  if (offered === undefined) return;
  for (const controller of offered.trim().split(' ').filter((name) => CONTROLLERS.includes(name))) {
    // A controller that the machine does not hand on is a limit that pods go without, no reason to stop.
    await writeFile(join(hierarchy, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
  }
}

/** A v1 cpuset starts empty and takes no process until it names processors and memory nodes. */
async function inheritCpuset(hierarchy: string, folder: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = await ignoreMissing(readFile(join(folder, file), 'utf8'));
    const parent = await ignoreMissing(readFile(join(hierarchy, file), 'utf8'));
    if (own !== undefined && parent !== undefined && own.trim() === '') await writeFile(join(folder, file), parent.trim());
  }
}

async function readPids(path: string): Promise<readonly number[]> {
  const text = (await ignoreMissing(readFile(path, 'utf8'))) ?? '';
  return text.split('\n').filter((line) => line !== '').map(Number);
}

async function ignoreMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENODEV') || isErrno(error, 'EOPNOTSUPP')) return undefined;
    throw error;
  }
}

import { readFile, rm, writeFile } from 'node:fs/promises';
import { isErrno } from '../process/identity.ts';
import { withLock } from '../process/lock.ts';
import type { Clock } from '../progress/clock.ts';
import { NAMESPACE_PREFIX } from './addresses.ts';
import { type Machine, runOn } from './machine.ts';
import { removeMountPoints } from './mount-namespace.ts';
import { observeNetwork } from './network.ts';

/** What all local nodes of the machine share: the first one makes it, the last one undoes it. */
interface HostChanges {
  /** net.ipv4.ip_forward before the first node. */
  readonly forwarding: string;
  readonly mountPoints: readonly string[];
}

/** On tmpfs: it goes with a reboot, as the settings do that it tells of. */
const CHANGES_FILE = '/run/sluice-host.json';
const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

/** Lets the machine forward packets; notes that, and the folders that were made to mount on. Returns all of these folders. */
export async function makeHostChanges(mountPoints: readonly string[], machine: Machine, clock: Clock): Promise<readonly string[]> {
  return locked(machine, clock, async () => {
    const before = await readChanges();
    const forwarding = before?.forwarding ?? (await readFile(FORWARDING, 'utf8')).trim();
    const all = [...new Set([...(before?.mountPoints ?? []), ...mountPoints])];
    await writeFile(CHANGES_FILE, JSON.stringify({ forwarding, mountPoints: all } satisfies HostChanges));
    await runOn(machine, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    return all;
  });
}

/** Undoes the changes when no local node is left. */
export async function undoHostChanges(mountPoints: readonly string[], machine: Machine, clock: Clock): Promise<void> {
  await locked(machine, clock, async () => {
    const { namespaces } = await observeNetwork(machine);
    if (namespaces.some((name) => name.startsWith(NAMESPACE_PREFIX))) return;
    const changes = await readChanges();
    if (changes !== undefined) await runOn(machine, 'sysctl', ['-qw', `net.ipv4.ip_forward=${changes.forwarding}`]);
    await removeMountPoints([...new Set([...mountPoints, ...(changes?.mountPoints ?? [])])]);
    await rm(CHANGES_FILE, { force: true });
  });
}

async function locked<T>(machine: Machine, clock: Clock, work: () => Promise<T>): Promise<T> {
  return withLock(`${CHANGES_FILE}.lock`, { clock, signal: machine.signal }, work);
}

async function readChanges(): Promise<HostChanges | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(CHANGES_FILE, 'utf8'));
    const whole = typeof value === 'object' && value !== null && 'forwarding' in value && 'mountPoints' in value && Array.isArray(value.mountPoints);
    return whole ? (value as HostChanges) : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

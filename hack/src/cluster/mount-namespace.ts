import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../process/identity.ts';
import type { NodeAddresses } from './addresses.ts';
import type { Component } from './component.ts';
import type { Machine } from './machine.ts';
import type { StatePaths } from './state-paths.ts';

export const HOLDER = 'namespace-holder';

/**
 * Paths that kubelet, containerd and the CNI plugins have built in, or that sockets keep short. Each is a folder of the state inside
 * the node's mount namespace: nothing of the node reaches the machine's own, and all its mounts go when its last process goes.
 */
const FIXED_PATHS = ['/run/containerd', '/var/lib/kubelet', '/var/lib/cni', '/var/log/pods', '/var/log/containers'];

/** Run with: the ready file, then pairs of source and target. Mounts are shared within the namespace, as volumes need, and not beyond. */
const HOLDER_SCRIPT = `set -e
ready=$1; shift
mount --make-rshared /
while [ $# -gt 0 ]; do mount --bind "$1" "$2"; shift 2; done
: > "$ready"
exec sleep infinity`;

export function readyMark(paths: StatePaths): string {
  return join(paths.processes, 'namespace-ready');
}

/** The process that keeps the node's mount namespace; every other component enters it. */
export function holderComponent(paths: StatePaths, addresses: NodeAddresses, machine: Machine): Component {
  const mounts = FIXED_PATHS.flatMap((target) => [mountSource(paths, target), target]);
  return {
    name: HOLDER,
    program: machine.programs.unshare,
    args: ['--mount', '--propagation', 'private', '--', 'sh', '-c', HOLDER_SCRIPT, 'sh', readyMark(paths), ...mounts],
    wrapper: [machine.programs.nsenter, `--net=/run/netns/${addresses.namespace}`, '--'],
  };
}

/** Makes the folders to mount and the places to mount them on; returns the places that the machine did not have. */
export async function prepareMounts(paths: StatePaths): Promise<readonly string[]> {
  const made: string[] = [];
  for (const target of FIXED_PATHS) {
    await mkdir(mountSource(paths, target), { recursive: true });
    if ((await mkdir(target, { recursive: true })) !== undefined) made.push(target);
  }
  await mkdir(paths.processes, { recursive: true });
  await rm(readyMark(paths), { force: true });
  return made;
}

/** Removes the places again, unless something has come to lie in them. */
export async function removeMountPoints(mountPoints: readonly string[]): Promise<void> {
  for (const path of mountPoints.filter((candidate) => FIXED_PATHS.includes(candidate))) {
    try {
      await rmdir(path);
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EBUSY', 'EEXIST'].some((code) => isErrno(error, code))) throw error;
    }
  }
}

/** Enters the node's namespaces. `ip netns exec` would mount /sys anew and hide the cgroups from kubelet. */
export function enterNode(holderPid: number, machine: Machine): readonly string[] {
  return [machine.programs.nsenter, `--mount=/proc/${holderPid}/ns/mnt`, `--net=/proc/${holderPid}/ns/net`, '--'];
}

function mountSource(paths: StatePaths, target: string): string {
  return join(paths.mounts, target.slice(1).replaceAll('/', '-'));
}

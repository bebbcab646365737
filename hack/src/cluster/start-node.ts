import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';
import { isErrno } from '../process/identity.ts';
import type { ProgressStep } from '../progress/progress.ts';
import { renderAddons } from './addons.ts';
import type { NodeAddresses } from './addresses.ts';
import { ensureCgroup } from './cgroups.ts';
import { ClusterError } from './cluster-error.ts';
import { readClusterRecord, writeClusterRecord } from './cluster-record.ts';
import { type Component, ensureComponent, findComponent } from './component.ts';
import { makeHostChanges } from './host-changes.ts';
import { enterNode, HOLDER, holderComponent, prepareMounts, readyMark } from './mount-namespace.ts';
import { ensureNetwork } from './network.ts';
import { nodeComponents } from './node-components.ts';
import type { StartContext } from './node-context.ts';
import { writeNodeFiles } from './node-files.ts';
import { ensurePauseImage, listNodeImages } from './node-images.ts';
import { apiServerReady, nodeReady } from './node-readiness.ts';
import { type ReadinessOptions, waitUntilReady } from './readiness.ts';
import { endNodeProcesses } from './stop-node.ts';

const HOLDER_TIMEOUT_MS = 15_000;
const CONTAINERD_TIMEOUT_MS = 60_000;
const APPLY_TIMEOUT_MS = 60_000;
/** The first to start: the others need the API server, or wait for it with less patience. */
const FIRST = ['etcd', 'kube-apiserver', 'containerd'];

/** Starts whatever of the node does not run, and waits until all of it works. Throws ClusterError. */
export async function startNode(context: StartContext, addresses: NodeAddresses, step: ProgressStep): Promise<void> {
  const readiness: ReadinessOptions = { folders: context.paths, clock: context.clock, signal: context.signal, step };
  const probe = { host: addresses.apiServerHost, port: addresses.apiServerPort, pki: context.paths.pki };
  step.update('network, certificates');
  await ensureNetwork(addresses, context.paths.root, context.machine);
  await ensureCgroup(addresses.cgroup);
  const files = await writeNodeFiles(context, addresses);
  const holderPid = await ensureHolder(context, addresses, readiness);
  const definitions = nodeComponents({ ...context, addresses, files });
  const wrapped = definitions.map((component): Component => ({ ...component, wrapper: enterNode(holderPid, context.machine) }));
  const ensure = async (components: readonly Component[]): Promise<void> => {
    for (const component of components) await ensureComponent(component, context.paths, context.clock, context.signal);
  };
  await ensure(wrapped.filter((component) => FIRST.includes(component.name)));
  const images = { machine: context.machine, ctr: context.tools.ctr, holderPid };
  await waitUntilReady({ what: 'containerd', components: ['containerd'], timeoutMs: CONTAINERD_TIMEOUT_MS, check: () => whyNotListed(images) }, readiness);
  await ensurePauseImage(images, context.tools.pause, context.paths.config);
  await waitUntilReady(apiServerReady(probe), readiness);
  // metrics-server gives up at once when it may not read its configuration: its rights come first.
  await applyAddons(context, addresses);
  await ensure(wrapped.filter((component) => !FIRST.includes(component.name)));
  for (const request of nodeReady(context.name, addresses, probe)) await waitUntilReady(request, readiness);
}

/** The process that keeps the mount namespace. When it is gone, all that ran in there is ended first. Returns its pid. */
async function ensureHolder(context: StartContext, addresses: NodeAddresses, readiness: ReadinessOptions): Promise<number> {
  const { paths } = context;
  const running = await findComponent(HOLDER, paths);
  if (running !== undefined && (await holdsNetwork(running.pid, addresses))) return running.pid;
  await endNodeProcesses(context, addresses);
  // containerd expects its run-time state to be gone whenever its containers are, as after a reboot.
  await rm(join(paths.mounts, 'run-containerd'), { recursive: true, force: true });
  await recordMountPoints(context, await prepareMounts(paths));
  await ensureComponent(holderComponent(paths, addresses, context.machine), paths, context.clock, context.signal);
  const check = async (): Promise<string | undefined> => ((await exists(readyMark(paths))) ? undefined : 'mounting');
  await waitUntilReady({ what: 'mount namespace', components: [HOLDER], timeoutMs: HOLDER_TIMEOUT_MS, check }, readiness);
  const holder = await findComponent(HOLDER, paths);
  if (holder === undefined) throw new ClusterError(`${HOLDER} ended; its log is in ${paths.log}`);
  return holder.pid;
}

async function recordMountPoints(context: StartContext, made: readonly string[]): Promise<void> {
  const record = await readClusterRecord(context.paths.record);
  if (record?.kind !== 'local') throw new ClusterError(`${context.paths.record} is missing`);
  const mountPoints = await makeHostChanges([...record.mountPoints, ...made], context.machine, context.clock);
  await writeClusterRecord(context.paths.record, { ...record, mountPoints });
}

/** Whether the namespace under its name is still the one that the process is in. */
async function holdsNetwork(pid: number, addresses: NodeAddresses): Promise<boolean> {
  const [own, named] = await Promise.all([stat(`/proc/${pid}/ns/net`), stat(`/run/netns/${addresses.namespace}`)]);
  return own.ino === named.ino;
}

async function whyNotListed(images: Parameters<typeof listNodeImages>[0]): Promise<string | undefined> {
  try {
    await listNodeImages(images);
    return undefined;
  } catch (error) {
    images.machine.signal.throwIfAborted();
    return error instanceof Error ? (error.message.split('\n').at(-1) ?? '') : String(error);
  }
}

async function applyAddons(context: StartContext, addresses: NodeAddresses): Promise<void> {
  const authority = await readFile(join(context.paths.pki, 'ca.crt'));
  const args = ['--kubeconfig', context.paths.kubeconfig, 'apply', '--server-side', '--force-conflicts', '--field-manager=sluice-hack', '-f', '-'];
  const input = renderAddons(addresses, authority);
  await runCommand(context.tools.kubectl, args, { signal: context.signal, timeoutMs: APPLY_TIMEOUT_MS, input });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

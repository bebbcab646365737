import { rm } from 'node:fs/promises';
import { type ProgressStep, withStep } from '../progress/progress.ts';
import { withLock } from '../process/lock.ts';
import type { NodeAddresses } from './addresses.ts';
import { removeCgroup } from './cgroups.ts';
import { ClusterError } from './cluster-error.ts';
import type { Cluster, ClusterOptions } from './cluster-options.ts';
import { readClusterRecord } from './cluster-record.ts';
import { findComponent } from './component.ts';
import { undoHostChanges } from './host-changes.ts';
import { HOLDER } from './mount-namespace.ts';
import { removeNetwork } from './network.ts';
import { type NodeContext, nodeContext, type StartContext, startContext } from './node-context.ts';
import { importNodeImage, listNodeImages, type NodeImages } from './node-images.ts';
import { claimSlot, recordedAddresses } from './slot-claim.ts';
import { startNode } from './start-node.ts';
import { endNodeProcesses, endRecordedProcesses } from './stop-node.ts';

/** Starts the local node of the state folder, or what of it does not run. Throws ClusterError or ToolError. */
export async function startLocalCluster(options: ClusterOptions): Promise<Cluster> {
  const context = await startContext(options);
  await withStep(options.progress, `start the local node ${options.name}`, (step) => exclusively(context, () => startOrRepair(context, step)));
  return localCluster(context);
}

/** Ends the local node of the state folder and removes the folder. Nothing to remove is no error. Throws ClusterError. */
export async function stopLocalCluster(options: ClusterOptions): Promise<void> {
  const context = await nodeContext(options);
  await withStep(options.progress, `remove the local node ${options.name}`, () => exclusively(context, () => removeNode(context)));
}

/** What is there is kept if it can be: first as it runs, then its data with new processes, then nothing of it. */
async function startOrRepair(context: StartContext, step: ProgressStep): Promise<void> {
  const recorded = await recordedAddresses(context);
  if (recorded !== undefined) {
    if (await attempt(context, recorded, step, 'some of it does not work, restarting all of it')) return;
    await endNodeProcesses(context, recorded);
    if (await attempt(context, recorded, step, 'it does not start from its data, which is dropped for a new cluster')) return;
  }
  if ((await readClusterRecord(context.paths.record)) !== undefined) await removeNode(context);
  await startNode(context, await claimSlot(context), step);
}

async function attempt(context: StartContext, addresses: NodeAddresses, step: ProgressStep, next: string): Promise<boolean> {
  try {
    await startNode(context, addresses, step);
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    const notice = context.progress.step(`repair the local node ${context.name}`);
    notice.done(`${error instanceof Error ? error.message : String(error)}\n  Therefore: ${next}`);
    return false;
  }
}

async function removeNode(context: NodeContext): Promise<void> {
  const record = await readClusterRecord(context.paths.record);
  const addresses = await recordedAddresses(context);
  if (addresses === undefined) {
    await endRecordedProcesses(context);
  } else {
    await endNodeProcesses(context, addresses);
    await removeNetwork(addresses, context.machine);
    await removeCgroup(addresses.cgroup);
  }
  if (record?.kind === 'local') await undoHostChanges(record.mountPoints, context.machine, context.clock);
  // The kernel lets go of the mounts a moment after the last process of their namespace.
  await rm(context.paths.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function localCluster(context: StartContext): Cluster {
  const images = async (signal: AbortSignal): Promise<NodeImages> => {
    const holder = await findComponent(HOLDER, context.paths);
    if (holder === undefined) throw new ClusterError(`the local node ${context.name} does not run: start it again`);
    return { machine: { ...context.machine, signal }, ctr: context.tools.ctr, holderPid: holder.pid };
  };
  return {
    kind: 'local',
    name: context.name,
    kubeconfig: context.paths.kubeconfig,
    loadImage: async (archive, { signal }) => importNodeImage(await images(signal), archive),
    images: async ({ signal }) => listNodeImages(await images(signal)),
  };
}

/** One process at a time works on a state folder. The lock lies beside the folder, which may go. */
async function exclusively<T>(context: NodeContext, work: () => Promise<T>): Promise<T> {
  return withLock(`${context.paths.root}.lock`, context, work);
}

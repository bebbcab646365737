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
import { holdsEtcdData, type NodeLife, startOrRepair } from './repair-node.ts';
import { claimSlot, recordedAddresses } from './slot-claim.ts';
import { startNode } from './start-node.ts';
import { endNodeProcesses, endRecordedProcesses } from './stop-node.ts';

/** Starts the local node of the state folder, or what of it does not run. Throws ClusterError or ToolError. */
export async function startLocalCluster(options: ClusterOptions): Promise<Cluster> {
  const context = await startContext(options);
  await withStep(options.progress, `start the local node ${options.name}`, (step) => exclusively(context, () => startOrRepair(nodeLife(context, step), { ...context, folder: context.paths.root })));
  return localCluster(context);
}

/** Ends the local node of the state folder and removes the folder. Nothing to remove is no error. Throws ClusterError. */
export async function stopLocalCluster(options: ClusterOptions): Promise<void> {
  const context = await nodeContext(options);
  await withStep(options.progress, `remove the local node ${options.name}`, () => exclusively(context, () => removeNode(context)));
}

function nodeLife(context: StartContext, step: ProgressStep): NodeLife {
  const begun = async (addresses: NodeAddresses): Promise<void> => startNode(context, addresses, step);
  return {
    find: async () => {
      if ((await readClusterRecord(context.paths.record)) === undefined) return 'none';
      return (await recordedAddresses(context)) ?? 'addresses taken';
    },
    hasData: async () => holdsEtcdData(context.paths.etcd),
    start: begun,
    endProcesses: async (addresses) => endNodeProcesses(context, addresses),
    remove: async () => removeNode(context),
    startNew: async () => begun(await claimSlot(context)),
  };
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

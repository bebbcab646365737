import { CommandError } from '../process/command.ts';
import { type NodeAddresses, nodeAddresses, SLOT_COUNT } from './addresses.ts';
import { ClusterError } from './cluster-error.ts';
import { readClusterRecord, writeClusterRecord } from './cluster-record.ts';
import { addNamespace, observeNetwork, ownerAlias, slotOwner } from './network.ts';
import type { NodeContext } from './node-context.ts';
import { freeSlots, judgeSlot } from './slots.ts';

/** The addresses of the state folder's node: those recorded, while no other cluster has taken them. */
export async function recordedAddresses(context: NodeContext): Promise<NodeAddresses | undefined> {
  const record = await readClusterRecord(context.paths.record);
  if (record === undefined) return undefined;
  if (record.kind !== 'local') throw new ClusterError(`${context.paths.root} holds a ${record.kind} cluster: remove it first`);
  const addresses = nodeAddresses(record.slot);
  const owner = await slotOwner(addresses, context.machine);
  const taken = typeof owner === 'object' && owner.owner !== ownerAlias(context.paths.root);
  return taken ? undefined : addresses;
}

/** Takes the first free slot for the state folder. Throws ClusterError that names what is in the way when there is none. */
export async function claimSlot(context: NodeContext): Promise<NodeAddresses> {
  const inUse = await observeNetwork(context.machine);
  for (const slot of freeSlots(inUse)) {
    const addresses = nodeAddresses(slot);
    if (!(await tryAddNamespace(addresses, context))) continue;
    await writeClusterRecord(context.paths.record, { kind: 'local', name: context.name, slot, mountPoints: [] });
    return addresses;
  }
  const reasons = Array.from({ length: SLOT_COUNT }, (_, slot) => judgeSlot(slot, inUse)).flatMap((verdict) => (verdict.free ? [] : [verdict.reason]));
  throw new ClusterError(`no room for a local node: ${[...new Set(reasons)].join('; ')}. Remove a cluster (hack/down), or give --context`);
}

async function tryAddNamespace(addresses: NodeAddresses, context: NodeContext): Promise<boolean> {
  try {
    await addNamespace(addresses, context.machine);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('File exists')) return false;
    throw error;
  }
}

import { identifyProcess } from '../process/identity.ts';
import type { NodeAddresses } from './addresses.ts';
import { cgroupProcesses } from './cgroups.ts';
import { ClusterError } from './cluster-error.ts';
import { endProcess, recordedComponents, stopComponent } from './component.ts';
import { HOLDER } from './mount-namespace.ts';
import { namespaceProcesses } from './network.ts';
import type { NodeContext } from './node-context.ts';

const GRACE_MS = 5_000;
const LEFTOVER_ROUNDS = 20;
/** What starts pods ends first, then what the others depend on. */
const FIRST = ['kubelet'];
const LAST = ['kube-apiserver', 'etcd', HOLDER];

/** Ends every process of the node: those recorded, then whatever else is in its namespace and its cgroup. The data stays. */
export async function endNodeProcesses(context: NodeContext, addresses: NodeAddresses): Promise<void> {
  const recorded = await recordedComponents(context.paths);
  const stop = (name: string): Promise<void> => stopComponent(name, context.paths, { ...context, graceMs: name === HOLDER ? 0 : GRACE_MS });
  for (const name of FIRST.filter((candidate) => recorded.includes(candidate))) await stop(name);
  await endLeftovers(() => cgroupProcesses(addresses.cgroup), context);
  await Promise.all(recorded.filter((name) => !FIRST.includes(name) && !LAST.includes(name)).map(stop));
  for (const name of LAST.filter((candidate) => recorded.includes(candidate))) await stop(name);
  await endLeftovers(async () => [...(await namespaceProcesses(addresses, context.machine)), ...(await cgroupProcesses(addresses.cgroup))], context);
}

/** Ends only what was recorded: for a state folder whose slot another cluster has got since. */
export async function endRecordedProcesses(context: NodeContext): Promise<void> {
  for (const name of await recordedComponents(context.paths)) await stopComponent(name, context.paths, { ...context, graceMs: GRACE_MS });
}

/** A killed shim or container may have started another process meanwhile: looks again until there is none. */
async function endLeftovers(find: () => Promise<readonly number[]>, context: NodeContext): Promise<void> {
  for (let round = 0; round < LEFTOVER_ROUNDS; round += 1) {
    const identities = await Promise.all((await find()).map(identifyProcess));
    const alive = identities.filter((identity) => identity !== undefined);
    if (alive.length === 0) return;
    await Promise.all(alive.map((identity) => endProcess(identity, { ...context, graceMs: 0 })));
  }
  throw new ClusterError(`processes ${(await find()).join(', ')} of cluster ${context.name} cannot be ended`);
}

import { readdir } from 'node:fs/promises';
import { isErrno } from '../process/identity.ts';
import type { Progress } from '../progress/progress.ts';
import type { NodeAddresses } from './addresses.ts';
import { ClusterError } from './cluster-error.ts';

/** One local node of a state folder, as far as starting it again needs. */
export interface NodeLife {
  /** Where the recorded node is; `addresses taken` when another cluster has got its place since. */
  find(): Promise<NodeAddresses | 'none' | 'addresses taken'>;
  /** Whether its etcd has stored anything. */
  hasData(): Promise<boolean>;
  /** Starts what does not run. Throws when not all of it works in the end. */
  start(addresses: NodeAddresses): Promise<void>;
  /** The data stays. */
  endProcesses(addresses: NodeAddresses): Promise<void>;
  /** Processes, network and data. */
  remove(): Promise<void>;
  startNew(): Promise<void>;
}

export interface RepairOptions {
  readonly name: string;
  /** The state folder. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Starts the node: as it runs, else its data with new processes, else a new one. Data is never dropped here, for it is the user's:
 * ClusterError then says how to drop it.
 */
export async function startOrRepair(node: NodeLife, options: RepairOptions): Promise<void> {
  const found = await node.find();
  if (found === 'none') return node.startNew();
  if (found === 'addresses taken') {
    if (await node.hasData()) throw keepsData(options, 'another cluster of this machine uses its network addresses');
  } else {
    const first = await attempt(node, found, options);
    if (first === 'started') return;
    note(options, `${first.problem}\n  Therefore: some of it does not work, restarting all of it`);
    await node.endProcesses(found);
    const second = await attempt(node, found, options);
    if (second === 'started') return;
    if (await node.hasData()) throw keepsData(options, second.problem, { cause: second.cause });
    note(options, `${second.problem}\n  Therefore: it has stored nothing yet, making it anew`);
  }
  await node.remove();
  return node.startNew();
}

/** etcd makes this folder with its first write. */
export async function holdsEtcdData(etcdFolder: string): Promise<boolean> {
  try {
    return (await readdir(etcdFolder)).includes('member');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

async function attempt(node: NodeLife, addresses: NodeAddresses, { signal }: RepairOptions): Promise<'started' | { readonly problem: string; readonly cause: unknown }> {
  try {
    await node.start(addresses);
    return 'started';
  } catch (error) {
    signal.throwIfAborted();
    return { problem: error instanceof Error ? error.message : String(error), cause: error };
  }
}

function note({ progress, name }: RepairOptions, text: string): void {
  progress.step(`repair the local node ${name}`).done(text);
}

function keepsData({ name, folder }: RepairOptions, problem: string, options?: ErrorOptions): ClusterError {
  return new ClusterError(
    `the local node ${name} does not start: ${problem}\nIts objects are kept in ${folder}. "./hack/up --fresh" drops them and makes a new cluster, "./hack/down" removes it (with the same --name and --state, if any were given).`,
    options,
  );
}

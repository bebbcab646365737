import { isAbsolute } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { isClusterName, NAME_RULE } from './cluster-name.ts';
import type { Cluster, ClusterOptions, EnsureClusterOptions } from './cluster-options.ts';
import { readClusterRecord } from './cluster-record.ts';
import { useExistingCluster } from './existing-cluster.ts';
import { dockerAnswers, kindCommands, removeKindCluster, startKindCluster } from './kind-cluster.ts';
import { startLocalCluster, stopLocalCluster } from './local-cluster.ts';
import { refuseForeignFolder } from './state-folder.ts';
import { statePaths } from './state-paths.ts';

export type { Cluster, ClusterOptions, EnsureClusterOptions } from './cluster-options.ts';
export { ClusterError } from './cluster-error.ts';
export { startLocalCluster, stopLocalCluster } from './local-cluster.ts';
export { type ControlPlane, type ControlPlaneOptions, type ControlPlaneProgram, startControlPlane } from './control-plane.ts';

/** An existing context, else kind where a Docker engine answers, else the local node (Linux, root). Reuses what runs. Throws ClusterError. */
export async function ensureCluster(options: EnsureClusterOptions): Promise<Cluster> {
  checkOptions(options);
  await refuseForeignFolder(options.stateFolder);
  if (options.context !== undefined) return useExistingCluster(options.context, options);
  const kind = await chooseKind(options);
  if (options.data === 'drop') await removeCluster(options);
  return kind === 'kind' ? startKindCluster(options, await kindCommands(options)) : startLocalCluster(options);
}

/** Removes the cluster that `ensureCluster` made (kind or local) with its state folder, and nothing else; an existing context is left alone. */
export async function removeCluster(options: ClusterOptions): Promise<void> {
  checkOptions(options);
  const record = await readClusterRecord(statePaths(options.stateFolder).record);
  if (record === undefined || record.kind === 'existing') return;
  await (record.kind === 'kind' ? removeKindCluster(options, await kindCommands(options)) : stopLocalCluster(options));
}

/** A state folder stays with the kind of cluster that it holds. */
async function chooseKind(options: ClusterOptions): Promise<'kind' | 'local'> {
  const record = await readClusterRecord(statePaths(options.stateFolder).record);
  if (record?.kind === 'existing') throw new ClusterError(`${options.stateFolder} belongs to the context ${record.name}: give --context ${record.name}, run ./hack/down first, or give another --name`);
  return record?.kind ?? ((await dockerAnswers(options.signal)) ? 'kind' : 'local');
}

function checkOptions(options: ClusterOptions): void {
  if (!isClusterName(options.name)) throw new ClusterError(`cluster name "${options.name}": use ${NAME_RULE}`);
  if (!isAbsolute(options.stateFolder)) throw new ClusterError(`state folder "${options.stateFolder}": give an absolute path`);
}

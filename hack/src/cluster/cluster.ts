import { isAbsolute } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import type { Cluster, ClusterOptions, EnsureClusterOptions } from './cluster-options.ts';
import { readClusterRecord } from './cluster-record.ts';
import { useExistingCluster } from './existing-cluster.ts';
import { dockerAnswers, removeKindCluster, startKindCluster } from './kind-cluster.ts';
import { startLocalCluster, stopLocalCluster } from './local-cluster.ts';
import { statePaths } from './state-paths.ts';

export type { Cluster, ClusterOptions, EnsureClusterOptions } from './cluster-options.ts';
export { ClusterError } from './cluster-error.ts';
export { startLocalCluster, stopLocalCluster } from './local-cluster.ts';
export { type ControlPlane, type ControlPlaneOptions, type ControlPlaneProgram, startControlPlane } from './control-plane.ts';

const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** An existing context, else kind where a Docker engine answers, else the local node (Linux, root). Reuses what runs. Throws ClusterError. */
export async function ensureCluster(options: EnsureClusterOptions): Promise<Cluster> {
  checkOptions(options);
  if (options.context !== undefined) return useExistingCluster(options.context, options);
  return (await chooseKind(options)) === 'kind' ? startKindCluster(options) : startLocalCluster(options);
}

/** Removes the cluster that `ensureCluster` made (kind or local) with its state folder, and nothing else; an existing context is left alone. */
export async function removeCluster(options: ClusterOptions): Promise<void> {
  checkOptions(options);
  const record = await readClusterRecord(statePaths(options.stateFolder).record);
  if (record === undefined) return;
  await (record.kind === 'kind' ? removeKindCluster(options) : stopLocalCluster(options));
}

/** A state folder stays with the kind of cluster that it holds. */
async function chooseKind(options: ClusterOptions): Promise<'kind' | 'local'> {
  const record = await readClusterRecord(statePaths(options.stateFolder).record);
  return record?.kind ?? ((await dockerAnswers(options.signal)) ? 'kind' : 'local');
}

function checkOptions(options: ClusterOptions): void {
  if (!NAME_PATTERN.test(options.name)) {
    throw new ClusterError(`cluster name "${options.name}": use 1 to 40 lower-case letters, digits and dashes, no dash at either end`);
  }
  if (!isAbsolute(options.stateFolder)) throw new ClusterError(`state folder "${options.stateFolder}": give an absolute path`);
}

import { join } from 'node:path';
import { type Cluster, ensureCluster } from '../cluster/cluster.ts';
import { type InstalledGateway, installGateway } from '../gateway/install-gateway.ts';
import { ensureImages } from '../images/images.ts';
import type { Progress } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { installChart } from './chart.ts';
import { claimContext } from './claim-context.ts';
import { clusterCommands, type ClusterCommands } from './cluster-command.ts';
import type { ImageOverrides } from './options.ts';

export interface EnvironmentOptions {
  readonly repository: string;
  readonly name: string;
  readonly stateRoot: string;
  readonly context: string | undefined;
  /** Default `keep`. */
  readonly data?: 'keep' | 'drop';
  readonly images: ImageOverrides | undefined;
  /** Default `leave`. */
  readonly gateway?: 'install' | 'leave';
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** What helm and kubectl say beside their answer, a line each. */
  readonly onErrorLine: (line: string) => void;
}

/** A cluster with the operator ready in it. */
export interface Environment {
  readonly cluster: Cluster;
  readonly commands: ClusterCommands;
  readonly images: { readonly operator: string; readonly runtime: string; readonly testTools: string };
  /** Where it was asked for. */
  readonly gateway: InstalledGateway | undefined;
}

/** File in the cluster's state folder that says what was put into somebody else's cluster. */
export const INSTALL_RECORD = 'installed.json';

export function stateFolderOf(stateRoot: string, name: string): string {
  return join(stateRoot, name);
}

/** Tools, cluster, images, gateway, chart: what is there already is reused. */
export async function ensureEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { progress, signal, repository, name } = options;
  const stateFolder = stateFolderOf(options.stateRoot, name);
  const tools = await ensureTools(['kubectl', 'helm'], { progress, signal });
  const cluster = await ensureCluster({ name, stateFolder, progress, signal, data: options.data ?? 'keep', ...(options.context === undefined ? {} : { context: options.context }) });
  const commands = clusterCommands({ ...tools, kubeconfig: cluster.kubeconfig, onErrorLine: options.onErrorLine });
  if (options.context !== undefined) await claimContext(options.context, join(stateFolder, INSTALL_RECORD), commands, signal);
  const images = options.images === undefined ? await buildImages(cluster, options) : { ...options.images, testTools: options.images.testTools ?? '' };
  // Before the operator, which looks at its start for the kinds that the cluster serves.
  const gateway = options.gateway === 'install' ? await installGateway(cluster, options) : undefined;
  await installChart({ commands, repository, operatorImage: images.operator, runtimeImage: images.runtime, progress, signal });
  return { cluster, commands, images, gateway };
}

async function buildImages(cluster: Cluster, { repository, progress, signal }: EnvironmentOptions): Promise<Environment['images']> {
  const refs = await ensureImages(cluster, { repository, progress, signal, env: process.env });
  return { operator: refs['sluice-operator'], runtime: refs['sluice-runtime'], testTools: refs['sluice-test-tools'] };
}

import { writeFile } from 'node:fs/promises';
import { CommandError, runCommand } from '../process/command.ts';
import { withStep } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { ClusterError } from './cluster-error.ts';
import type { Cluster, ClusterOptions } from './cluster-options.ts';
import { readClusterRecord, writeClusterRecord } from './cluster-record.ts';
import { statePaths } from './state-paths.ts';

const VIEW_TIMEOUT_MS = 20_000;
const REACH_TIMEOUT_MS = 30_000;

/** The cluster behind a kubectl context, by a kubeconfig of its own that knows no other. Throws ClusterError. */
export async function useExistingCluster(context: string, options: ClusterOptions): Promise<Cluster> {
  const { kubectl } = await ensureTools(['kubectl'], options);
  const paths = statePaths(options.stateFolder);
  await withStep(options.progress, `use the kubectl context ${context}`, async () => {
    const config = await readContext(kubectl, context, options.signal);
    await claimFolder(context, options.stateFolder);
    await writeFile(paths.kubeconfig, config, { mode: 0o600 });
    await reach(kubectl, context, paths.kubeconfig, options.signal);
  });
  return existingCluster(context, paths.kubeconfig);
}

export function existingCluster(context: string, kubeconfig: string): Cluster {
  return {
    kind: 'existing',
    name: context,
    kubeconfig,
    loadImage: async (archive) => {
      throw new ClusterError(
        `context ${context}: an image archive (${archive}) cannot be loaded into a cluster that is not ours; push the images to a registry that its nodes pull from, and name them with --operator-image, --runtime-image and --test-tools-image`,
      );
    },
    images: async () => [],
  };
}

/** The folder's record comes before anything else in it. Throws ClusterError when the folder is another cluster's. */
export async function claimFolder(context: string, stateFolder: string): Promise<void> {
  const { record: path } = statePaths(stateFolder);
  const record = await readClusterRecord(path);
  if (record !== undefined && (record.kind !== 'existing' || record.name !== context)) {
    throw new ClusterError(`${stateFolder} belongs to ${record.kind === 'existing' ? 'the context' : `the ${record.kind} cluster`} ${record.name}: run ./hack/down for it first, or give another --name`);
  }
  await writeClusterRecord(path, { kind: 'existing', name: context });
}

async function readContext(kubectl: string, context: string, signal: AbortSignal): Promise<string> {
  try {
    return await runCommand(kubectl, ['config', 'view', '--minify', '--flatten', '--raw', '--context', context], { signal, timeoutMs: VIEW_TIMEOUT_MS });
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(`--context ${context}: no such context; "kubectl config get-contexts" lists them`, { cause: error });
    throw error;
  }
}

async function reach(kubectl: string, context: string, kubeconfig: string, signal: AbortSignal): Promise<void> {
  try {
    await runCommand(kubectl, ['--kubeconfig', kubeconfig, '--request-timeout=15s', 'get', '--raw', '/readyz'], { signal, timeoutMs: REACH_TIMEOUT_MS });
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(`--context ${context}: its API server does not answer: ${error.stderr}`, { cause: error });
    throw error;
  }
}

import { mkdir, rm } from 'node:fs/promises';
import { CommandError, runCommand } from '../process/command.ts';
import { withStep } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { ClusterError } from './cluster-error.ts';
import type { Cluster, ClusterOptions } from './cluster-options.ts';
import { writeClusterRecord } from './cluster-record.ts';
import { statePaths } from './state-paths.ts';

const DOCKER_TIMEOUT_MS = 5_000;
const SHORT_TIMEOUT_MS = 60_000;
/** kind pulls its node image, about 1 GB, the first time. */
const CREATE_TIMEOUT_MS = 15 * 60_000;
const LOAD_TIMEOUT_MS = 5 * 60_000;

/** Whether a Docker engine answers within 5 s. */
export async function dockerAnswers(signal: AbortSignal): Promise<boolean> {
  try {
    await runCommand('docker', ['info', '--format', '{{.ServerVersion}}'], { signal, timeoutMs: DOCKER_TIMEOUT_MS });
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** The kind cluster of that name, made when there is none. Throws ClusterError. */
export async function startKindCluster(options: ClusterOptions): Promise<Cluster> {
  const { kind } = await ensureTools(['kind'], options);
  const paths = statePaths(options.stateFolder);
  const run = (args: readonly string[], timeoutMs: number): Promise<string> => runKind(kind, args, { signal: options.signal, timeoutMs });
  await mkdir(paths.root, { recursive: true });
  await withStep(options.progress, `start the kind cluster ${options.name}`, async () => {
    await writeClusterRecord(paths.record, { kind: 'kind', name: options.name });
    if (!(await listKindClusters(run)).includes(options.name)) {
      await run(['create', 'cluster', '--name', options.name, '--kubeconfig', paths.kubeconfig, '--wait', '180s'], CREATE_TIMEOUT_MS);
    }
    await run(['export', 'kubeconfig', '--name', options.name, '--kubeconfig', paths.kubeconfig], SHORT_TIMEOUT_MS);
  });
  return {
    kind: 'kind',
    name: options.name,
    kubeconfig: paths.kubeconfig,
    loadImage: async (archive, { signal }) => {
      await runKind(kind, ['load', 'image-archive', archive, '--name', options.name], { signal, timeoutMs: LOAD_TIMEOUT_MS });
    },
    images: async ({ signal }) => listKindImages(options.name, signal),
  };
}

/** Deletes the kind cluster and the state folder. Throws ClusterError. */
export async function removeKindCluster(options: ClusterOptions): Promise<void> {
  const { kind } = await ensureTools(['kind'], options);
  const paths = statePaths(options.stateFolder);
  await withStep(options.progress, `remove the kind cluster ${options.name}`, async () => {
    const args = ['delete', 'cluster', '--name', options.name, '--kubeconfig', paths.kubeconfig];
    await runKind(kind, args, { signal: options.signal, timeoutMs: SHORT_TIMEOUT_MS });
    await rm(paths.root, { recursive: true, force: true });
  });
}

/** Image names in the answer of `crictl images --output json`. */
export function parseCrictlImages(output: string): readonly string[] {
  const answer = JSON.parse(output) as { readonly images?: readonly { readonly repoTags?: readonly string[] | null }[] };
  return (answer.images ?? []).flatMap((image) => image.repoTags ?? []);
}

async function listKindClusters(run: (args: readonly string[], timeoutMs: number) => Promise<string>): Promise<readonly string[]> {
  return (await run(['get', 'clusters'], SHORT_TIMEOUT_MS)).split('\n').filter((line) => line !== '');
}

async function listKindImages(name: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const node = `${name}-control-plane`;
    return parseCrictlImages(await runCommand('docker', ['exec', node, 'crictl', 'images', '--output', 'json'], { signal, timeoutMs: SHORT_TIMEOUT_MS }));
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(`the images of kind cluster ${name} could not be listed: ${error.message}`, { cause: error });
    throw error;
  }
}

async function runKind(kind: string, args: readonly string[], options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<string> {
  try {
    return await runCommand(kind, args, options);
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(error.message, { cause: error });
    throw error;
  }
}

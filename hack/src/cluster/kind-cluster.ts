import { rm } from 'node:fs/promises';
import { CommandError, runCommand } from '../process/command.ts';
import { withStep } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { ClusterError } from './cluster-error.ts';
import type { Cluster, ClusterOptions } from './cluster-options.ts';
import { type ClusterRecord, readClusterRecord, writeClusterRecord } from './cluster-record.ts';
import { statePaths } from './state-paths.ts';

type KindRecord = Extract<ClusterRecord, { readonly kind: 'kind' }>;

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

/** The programs that act on kind clusters. Both reject with ClusterError. */
export interface KindCommands {
  kind(args: readonly string[], call: CommandCall): Promise<string>;
  docker(args: readonly string[], call: CommandCall): Promise<string>;
}

interface CommandCall {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export async function kindCommands(options: ClusterOptions): Promise<KindCommands> {
  const { kind } = await ensureTools(['kind'], options);
  return { kind: async (args, call) => runProgram(kind, args, call), docker: async (args, call) => runProgram('docker', args, call) };
}

/** The kind cluster that this state folder made, or a new one. One of that name that somebody else made is refused. Throws ClusterError. */
export async function startKindCluster(options: ClusterOptions, commands: KindCommands): Promise<Cluster> {
  const { name, signal } = options;
  const { kubeconfig } = statePaths(options.stateFolder);
  await withStep(options.progress, `start the kind cluster ${name}`, async () => {
    await ensureMade(options, commands);
    await commands.kind(['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig], { signal, timeoutMs: SHORT_TIMEOUT_MS });
  });
  return {
    kind: 'kind',
    name,
    kubeconfig,
    loadImage: async (archive, call) => {
      await commands.kind(['load', 'image-archive', archive, '--name', name], { ...call, timeoutMs: LOAD_TIMEOUT_MS });
    },
    images: async (call) => parseCrictlImages(await commands.docker(['exec', `${name}-control-plane`, 'crictl', 'images', '--output', 'json'], { ...call, timeoutMs: SHORT_TIMEOUT_MS })),
  };
}

/** Deletes the kind cluster that the state folder's record names, and the folder. Throws ClusterError. */
export async function removeKindCluster(options: ClusterOptions, commands: KindCommands): Promise<void> {
  const paths = statePaths(options.stateFolder);
  const record = await readKindRecord(options);
  await withStep(options.progress, `remove the kind cluster ${options.name}`, async () => {
    if (record !== undefined) await deleteCluster(options, commands);
    await rm(paths.root, { recursive: true, force: true });
  });
}

async function ensureMade(options: ClusterOptions, commands: KindCommands): Promise<void> {
  const { name, signal } = options;
  const paths = statePaths(options.stateFolder);
  const record = await readKindRecord(options);
  const exists = (await commands.kind(['get', 'clusters'], { signal, timeoutMs: SHORT_TIMEOUT_MS })).split('\n').includes(name);
  if (exists && record === undefined) throw foreignCluster(options);
  if (exists && record?.phase === 'made') return;
  if (exists) await deleteCluster(options, commands);
  await writeClusterRecord(paths.record, { kind: 'kind', name, phase: 'creating' });
  try {
    await commands.kind(['create', 'cluster', '--name', name, '--kubeconfig', paths.kubeconfig, '--wait', '180s'], { signal, timeoutMs: CREATE_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof ClusterError) || !error.message.includes('already exist')) throw error;
    // Somebody made one of that name since the list was read: it must not look like a half-made one of ours.
    await rm(paths.record);
    throw foreignCluster(options, { cause: error });
  }
  await writeClusterRecord(paths.record, { kind: 'kind', name, phase: 'made' });
}

async function readKindRecord({ name, stateFolder }: ClusterOptions): Promise<KindRecord | undefined> {
  const record = await readClusterRecord(statePaths(stateFolder).record);
  if (record === undefined) return undefined;
  if (record.kind !== 'kind' || record.name !== name) throw new ClusterError(`${stateFolder} belongs to the ${record.kind} cluster "${record.name}", not to a kind cluster "${name}": give another --state or --name`);
  return record;
}

function foreignCluster({ name, stateFolder }: ClusterOptions, options?: ErrorOptions): ClusterError {
  return new ClusterError(`there is a kind cluster "${name}" that was not made from ${stateFolder}: it is left alone; give another --name, or remove it yourself (kind delete cluster --name ${name})`, options);
}

async function deleteCluster({ name, stateFolder, signal }: ClusterOptions, commands: KindCommands): Promise<void> {
  await commands.kind(['delete', 'cluster', '--name', name, '--kubeconfig', statePaths(stateFolder).kubeconfig], { signal, timeoutMs: SHORT_TIMEOUT_MS });
}

/** Image names in the answer of `crictl images --output json`. */
export function parseCrictlImages(output: string): readonly string[] {
  const answer = JSON.parse(output) as { readonly images?: readonly { readonly repoTags?: readonly string[] | null }[] };
  return (answer.images ?? []).flatMap((image) => image.repoTags ?? []);
}

async function runProgram(program: string, args: readonly string[], call: CommandCall): Promise<string> {
  try {
    return await runCommand(program, args, call);
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(error.message, { cause: error });
    throw error;
  }
}

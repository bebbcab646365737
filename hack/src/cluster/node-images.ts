import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '../process/command.ts';
import { ClusterError } from './cluster-error.ts';
import type { Machine } from './machine.ts';
import { enterNode } from './mount-namespace.ts';
import { CONTAINERD_SOCKET, PAUSE_IMAGE } from './node-config.ts';
import { singleProgramImage } from './oci-archive.ts';

/** The image store of a running local node. */
export interface NodeImages {
  readonly machine: Machine;
  readonly ctr: string;
  /** The process that keeps the node's namespaces. */
  readonly holderPid: number;
}

const LIST_TIMEOUT_MS = 10_000;
const IMPORT_TIMEOUT_MS = 5 * 60_000;

/** Throws CommandError while containerd does not answer. */
export async function listNodeImages(images: NodeImages): Promise<readonly string[]> {
  const output = await ctr(images, ['images', 'list', '--quiet'], LIST_TIMEOUT_MS);
  // containerd also lists each image by the digest of its configuration: no name that a pod would use.
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('sha256:'));
}

/** Throws ClusterError when the archive is not one that containerd takes. */
export async function importNodeImage(images: NodeImages, archive: string): Promise<void> {
  try {
    await ctr(images, ['images', 'import', archive], IMPORT_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(`image archive ${archive} could not be loaded: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The image of the process that holds a pod's namespaces comes from no registry: it is made here, of our own program. */
export async function ensurePauseImage(images: NodeImages, pause: string, folder: string): Promise<void> {
  if ((await listNodeImages(images)).includes(PAUSE_IMAGE)) return;
  const archive = join(folder, 'pause.tar');
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  await writeFile(archive, singleProgramImage({ reference: PAUSE_IMAGE, program: await readFile(pause), programName: 'pause', architecture }));
  await importNodeImage(images, archive);
  await rm(archive);
}

async function ctr(images: NodeImages, args: readonly string[], timeoutMs: number): Promise<string> {
  const [program = '', ...enter] = enterNode(images.holderPid, images.machine);
  const command = [...enter, images.ctr, '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', ...args];
  return runCommand(program, command, { signal: images.machine.signal, timeoutMs });
}

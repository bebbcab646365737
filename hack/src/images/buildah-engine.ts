import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '../process/command.ts';
import { ASK_TIMEOUT_MS, BUILD_TIMEOUT_MS, type ImageEngine, LOCAL_TIMEOUT_MS, otherTags, PULL_TIMEOUT_MS, SAVE_TIMEOUT_MS } from './engine.ts';

export interface BuildahOptions {
  /** Path of the program. */
  readonly program: string;
  /** Folder for its store, its running state and its temporary files: never the system's own store. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onErrorLine?: (line: string) => void;
}

type Buildah = (args: readonly string[], options: CallOptions) => Promise<string>;

/** More images than this, cached layers included, and the store is swept. */
const STORE_LIMIT = 150;

/** The images by buildah, without a daemon. Needs root. */
export async function createBuildahEngine(options: BuildahOptions): Promise<ImageEngine> {
  const buildah = await chooseStore(options);
  return {
    name: 'buildah',
    has: async (ref, { signal }) => succeeds(buildah, ['inspect', '--type', 'image', '--format', '{{.FromImageID}}', ref], signal, LOCAL_TIMEOUT_MS),
    isReachable: async (ref, { signal }) => succeeds(buildah, ['manifest', 'inspect', `docker://${ref}`], signal, ASK_TIMEOUT_MS),
    pull: async (ref, { signal }) => {
      await buildah(['pull', '--quiet', ref], { signal, timeoutMs: PULL_TIMEOUT_MS });
    },
    build: async (request) => {
      const buildArguments = Object.entries(request.buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
      const secrets = request.secrets.flatMap(({ id, file }) => ['--secret', `id=${id},src=${file}`]);
      // The OCI format has no HEALTHCHECK; the host's network is the one that reaches registries here.
      const fixed = ['bud', '--format', 'docker', '--layers', '--network', 'host', '--pull-never'];
      const { signal, onLine } = request;
      await buildah([...fixed, ...buildArguments, ...secrets, '--tag', request.ref, request.context], { signal, timeoutMs: BUILD_TIMEOUT_MS, onErrorLine: onLine });
    },
    save: async (ref, archive, { signal }) => {
      await buildah(['push', '--quiet', ref, `docker-archive:${archive}:${ref}`], { signal, timeoutMs: SAVE_TIMEOUT_MS });
    },
    removeOtherTags: async (ref, { signal }) => {
      const call = { signal, timeoutMs: LOCAL_TIMEOUT_MS };
      const names = otherTags(await buildah(['images', '--noheading', '--format', '{{.Name}}:{{.Tag}}'], call), ref);
      if (names.length > 0) await buildah(['rmi', ...names], call);
      const stored = await buildah(['images', '--all', '--quiet'], call);
      // Fails while another working copy builds, whose images are in use: what is left over goes at a later build.
      if (stored.split('\n').length > STORE_LIMIT) await succeeds(buildah, ['rmi', '--prune'], signal, LOCAL_TIMEOUT_MS);
    },
  };
}

/** Overlay shares layers; where the file system refuses it (a container's own overlay), vfs copies them. */
async function chooseStore(options: BuildahOptions): Promise<Buildah> {
  const overlay = await openStore(options, 'overlay');
  if (await succeeds(overlay, ['info'], options.signal, LOCAL_TIMEOUT_MS)) return overlay;
  return openStore(options, 'vfs');
}

async function openStore({ program, folder }: BuildahOptions, driver: 'overlay' | 'vfs'): Promise<Buildah> {
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const store = ['--root', join(folder, driver), '--runroot', join(folder, `${driver}-run`), '--storage-driver', driver];
  const env = { BUILDAH_ISOLATION: 'chroot', TMPDIR: temporary };
  return async (args, call) => runCommand(program, [...store, ...args], { ...call, env });
}

async function succeeds(buildah: Buildah, args: readonly string[], signal: AbortSignal, timeoutMs: number): Promise<boolean> {
  try {
    await buildah(args, { signal, timeoutMs });
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

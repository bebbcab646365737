import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';
import type { ProgressStep } from '../progress/progress.ts';
import { contentTag } from './content-digest.ts';
import { ImageError } from './image-error.ts';

/** A base with what the public node image has and the Dockerfiles use: Debian, node and npm. */
const SUITE = 'bookworm';
const PACKAGES = ['ca-certificates', 'libatomic1', 'libstdc++6'];
/** The npm that runs inside the build; the machine's own npm differs from one machine to the next. */
const NPM_VERSION = '11.19.1';
const NPM_INTEGRITY = 'sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==';
const UNUSED = ['doc', 'info', 'locale', 'man', 'lintian'];
const DOCKERFILE = `FROM scratch
ADD rootfs.tar /
COPY add /
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin
`;
const BOOTSTRAP_TIMEOUT_MS = 15 * 60_000;
const NPM_TIMEOUT_MS = 3 * 60_000;
const UNPACK_TIMEOUT_MS = 60_000;

export interface NodeBaseOptions {
  readonly signal: AbortSignal;
  readonly step: ProgressStep;
}

/** Name of the base made here; its tag changes with the recipe and with the Node version. */
export function nodeBaseRef(nodeVersion: string): string {
  const recipe = [SUITE, ...PACKAGES, NPM_INTEGRITY, ...UNUSED, DOCKERFILE, nodeVersion].join('\n');
  return `localhost/sluice-node-base:${contentTag([{ name: 'recipe', content: recipe }])}`;
}

/** Key of the Debian files in the cache. */
export function rootfsKey(): string {
  return `${SUITE}-${contentTag([{ name: 'recipe', content: [...PACKAGES, ...UNUSED].join('\n') }])}`;
}

/** Writes the Debian files as `rootfs.tar` into the folder. Needs root and a Debian mirror. */
export async function bootstrapDebian(mmdebstrap: string, folder: string, { signal, step }: NodeBaseOptions): Promise<void> {
  const excludes = UNUSED.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const args = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, ...excludes, '--dpkgopt=force-unsafe-io', '--aptopt=Acquire::Languages "none"', SUITE, join(folder, 'rootfs.tar')];
  await runCommand(mmdebstrap, args, { signal, timeoutMs: BOOTSTRAP_TIMEOUT_MS, onErrorLine: (line) => step.update(line) });
}

/** Lays out the build context of the base: its Debian files, the pinned node binary and npm. */
export async function writeNodeBaseContext(folder: string, rootfs: string, nodeBinary: string, { signal, step }: NodeBaseOptions): Promise<void> {
  const bin = join(folder, 'add/usr/local/bin');
  const modules = join(folder, 'add/usr/local/lib/node_modules');
  await mkdir(bin, { recursive: true });
  await mkdir(modules, { recursive: true });
  await link(rootfs, join(folder, 'rootfs.tar')).catch(async () => copyFile(rootfs, join(folder, 'rootfs.tar')));
  await copyFile(nodeBinary, join(bin, 'node'));
  step.update(`npm ${NPM_VERSION}`);
  await unpackNpm(modules, signal);
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'));
  await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
}

async function unpackNpm(modules: string, signal: AbortSignal): Promise<void> {
  await runCommand('npm', ['pack', `npm@${NPM_VERSION}`, '--pack-destination', modules], { signal, timeoutMs: NPM_TIMEOUT_MS });
  const packed = join(modules, `npm-${NPM_VERSION}.tgz`);
  const integrity = `sha512-${createHash('sha512').update(await readFile(packed)).digest('base64')}`;
  if (integrity !== NPM_INTEGRITY) throw new ImageError(`npm ${NPM_VERSION} from the registry has the digest ${integrity}, expected ${NPM_INTEGRITY}: do not trust this registry`);
  await runCommand('tar', ['-xzf', packed, '-C', modules, '--no-same-owner'], { signal, timeoutMs: UNPACK_TIMEOUT_MS });
  await rename(join(modules, 'package'), join(modules, 'npm'));
  await rm(packed);
}

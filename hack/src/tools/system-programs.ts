import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../process/identity.ts';
import { ensureDebianPackages } from './debian.ts';
import type { ToolsOptions } from './options.ts';
import { ToolError } from './tool-error.ts';

/** Which Debian package brings a program that the tool cache does not build. */
const PACKAGE_OF = {
  buildah: 'buildah',
  conntrack: 'conntrack',
  ip: 'iproute2',
  iptables: 'iptables',
  'lua5.1': 'lua5.1',
  mmdebstrap: 'mmdebstrap',
  mount: 'mount',
  nft: 'nftables',
  nsenter: 'util-linux',
  openssl: 'openssl',
  pip3: 'python3-pip',
  python3: 'python3',
  runc: 'runc',
  socat: 'socat',
  sysctl: 'procps',
  unshare: 'util-linux',
  /** Stands for all CNI plugins, which live in a folder of their own. */
  'host-local': 'containernetworking-plugins',
} as const;

export type SystemProgram = keyof typeof PACKAGE_OF;

/** root's programs are looked for even when the caller's PATH leaves them out. */
const EXTRA_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];
/** What the local node's network uses. `bridge` alone would find the program of iproute2. */
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'];

/** Absolute paths of the programs; as root, missing Debian packages are installed, else ToolError names them. */
export async function ensureSystemPrograms<P extends SystemProgram>(programs: readonly P[], options: ToolsOptions): Promise<Readonly<Record<P, string>>> {
  const before = await locateAll(programs);
  const missing = programs.filter((program) => before[program] === undefined);
  await ensureDebianPackages([...new Set(missing.map((program) => PACKAGE_OF[program]))], options);
  const after = missing.length === 0 ? before : await locateAll(programs);
  const absent = programs.filter((program) => after[program] === undefined);
  if (absent.length > 0) throw new ToolError(`${absent.join(', ')} not found, though the Debian packages are installed: add the folder to PATH`);
  return after as Readonly<Record<P, string>>;
}

/** The first executable file of that name on PATH or in root's folders. */
export async function findProgram(name: string, path = process.env['PATH'] ?? ''): Promise<string | undefined> {
  for (const folder of [...path.split(':').filter((part) => part !== ''), ...EXTRA_FOLDERS]) {
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** The first folder that holds all of the CNI plugins: those that systems keep them in, then PATH. */
export async function findCniFolder(path = process.env['PATH'] ?? '', folders: readonly string[] = CNI_FOLDERS): Promise<string | undefined> {
  for (const folder of [...folders, ...path.split(':').filter((part) => part !== '')]) {
    const present = await Promise.all(CNI_PLUGINS.map(async (name) => isExecutable(join(folder, name))));
    if (!present.includes(false)) return folder;
  }
  return undefined;
}

async function locateCniPlugin(name: string): Promise<string | undefined> {
  const folder = await findCniFolder();
  return folder === undefined ? undefined : join(folder, name);
}

async function locateAll<P extends SystemProgram>(programs: readonly P[]): Promise<Readonly<Partial<Record<P, string>>>> {
  const found: Partial<Record<P, string>> = {};
  for (const program of programs) {
    const path = await (program === 'host-local' ? locateCniPlugin(program) : findProgram(program));
    if (path !== undefined) found[program] = path;
  }
  return found;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') || isErrno(error, 'EACCES')) return false;
    throw error;
  }
}

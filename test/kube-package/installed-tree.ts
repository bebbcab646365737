import { readFile } from 'node:fs/promises';

interface LockedPackage {
  readonly version?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, LockedPackage>>;

async function readLock(): Promise<Lock> {
  const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { packages: Lock }).packages;
}

/** `name@version` of all that a workspace needs to run, its dependencies' dependencies included, from package-lock.json. Optional peers are not. */
export async function runtimePackages(workspace: string): Promise<string[]> {
  const lock = await readLock();
  const seen = new Set<string>();
  const queue = [workspace];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { dependencies = {}, optionalDependencies = {} } = lock[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = locate(lock, path, name);
      if (found !== undefined) queue.push(found);
    }
  }
  return [...seen].filter((path) => path.includes('node_modules/')).map((path) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${lock[path]?.version ?? ''}`).toSorted();
}

/** As Node resolves: the nearest node_modules on the way up. A workspace is a link to its folder. */
function locate(lock: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    const found = lock[path];
    if (found) return found.link ? found.resolved : path;
    if (folder === '') return undefined;
  }
}

/** Of package-lock.json, what tells who needs what. */
export interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The name of the package that a path of the lock file holds. */
export function nameAt(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Paths of all that a workspace needs at run time, development dependencies left out and peers that are there counted in; workspaces it uses are followed, not named. */
export function productionClosure(packages: LockedPackages, workspace: string): ReadonlySet<string> {
  const needed = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const found = packages[path];
    if (path.includes('node_modules/')) needed.add(path);
    for (const name of Object.keys({ ...found?.dependencies, ...found?.optionalDependencies, ...found?.peerDependencies })) {
      const at = resolve(packages, path, name);
      if (at === undefined) continue;
      const target = packages[at];
      visit(target?.link === true ? (target.resolved ?? at) : at);
    }
  };
  if (packages[workspace] === undefined) throw new Error(`package-lock.json has no workspace '${workspace}'`);
  visit(workspace);
  return needed;
}

/** As Node looks: in the package's own folder, then in those around it. */
function resolve(packages: LockedPackages, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : '') {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

export interface WorkspaceManifest {
  readonly private?: true;
  readonly exports: Readonly<Record<string, string>>;
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
  /** Fields that only the published package has: an optional peer of a workspace would be installed into every image beside it. */
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

interface Entry {
  readonly types: string;
  readonly default: string;
}

/** The published package.json from the workspace's: exports point at the built files; what only the repository needs is left out. */
export function publishedManifest(manifest: WorkspaceManifest): Record<string, unknown> {
  const { private: _private, scripts: _scripts, devDependencies: _development, publishConfig, exports, ...kept } = manifest;
  const entries = Object.entries(exports).map(([subpath, source]) => [subpath, builtEntry(source)] as const);
  return { ...kept, ...publishConfig, sideEffects: false, files: ['lib', 'docs'], exports: { ...Object.fromEntries(entries), './package.json': './package.json' } };
}

function builtEntry(source: string): Entry {
  const built = /^\.\/src\/(?<path>.+)\.ts$/.exec(source)?.groups?.['path'];
  if (built === undefined) throw new RangeError(`exports: '${source}' is not built; name a file './src/….ts'`);
  return { types: `./lib/${built}.d.ts`, default: `./lib/${built}.js` };
}

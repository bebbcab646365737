import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** What a workspace may import of the others (DESIGN.md); the linter holds the imports, this the declarations. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  crds: [],
  kube: [],
  statistics: [],
  evals: ['crds', 'statistics'],
  operator: ['crds', 'kube', 'statistics', 'evals'],
  runtime: ['crds', 'evals'],
  cli: ['crds', 'kube', 'evals', 'operator'],
  hack: ['crds', 'kube', 'statistics', 'evals', 'operator', 'runtime', 'cli', 'test'],
  test: ['crds', 'kube', 'statistics', 'evals', 'operator', 'runtime', 'cli', 'hack'],
};

async function readManifest<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`../../../${path}package.json`, import.meta.url), 'utf8')) as T;
}

const { workspaces } = await readManifest<{ workspaces: readonly string[] }>('');

test('every workspace has its place in the direction', () => {
  expect(workspaces.filter((name) => ALLOWED[name] === undefined)).toEqual([]);
});

test.each(workspaces)('%s declares only workspaces that it may import', async (workspace) => {
  const manifest = await readManifest<Manifest>(`${workspace}/`);
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies });
  const ours = declared.filter((name) => name.startsWith('@sluice/')).map((name) => name.slice('@sluice/'.length));
  expect(ours.filter((name) => ALLOWED[workspace]?.includes(name) !== true)).toEqual([]);
  expect(manifest.name).toBe(`@sluice/${workspace}`);
});

test('crds/ depends on zod alone', async () => {
  expect(Object.keys((await readManifest<Manifest>('crds/')).dependencies ?? {})).toEqual(['zod']);
});

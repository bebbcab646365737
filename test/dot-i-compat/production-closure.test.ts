import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBuildContext } from '../../hack/src/images/build-context.ts';
import { type LockedPackages, nameAt, productionClosure } from './production-closure.ts';

const repository = join(import.meta.dirname, '../..');
const { packages } = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as { packages: LockedPackages };
const COMPARED = ['@dot-i/k8s-operator', '@kubernetes/client-node'];
/** What carries the advisories of the package's tree. */
const ADVISED = ['request', 'jsonpath-plus', 'form-data', 'tar', 'tough-cookie', 'uuid', 'har-validator', 'gaxios', 'node-fetch'];
const DOCKERFILES = ['Dockerfile.operator', 'Dockerfile.runtime', 'test/Dockerfile'];

function namesOf(workspace: string): string[] {
  return [...productionClosure(packages, workspace)].map(nameAt);
}

describe('row A.4/what kube needs at run time', () => {
  it('is undici and yaml, and nothing else', () => {
    expect(namesOf('kube').toSorted()).toEqual(['undici', 'yaml']);
  });

  it('has none of the packages with advisories, while the tree of the package has them', () => {
    const theirs = [...productionClosure(packages, 'node_modules/@dot-i/k8s-operator')].map(nameAt);
    expect(theirs).toEqual(expect.arrayContaining(['request', 'jsonpath-plus', 'form-data', 'tar', 'tough-cookie', 'uuid']));
    expect(theirs.length).toBeGreaterThan(90);
    for (const workspace of ['kube', 'operator', 'cli', 'crds']) expect(namesOf(workspace).filter((name) => ADVISED.includes(name)), workspace).toEqual([]);
  });
});

describe('row A.4/what is compared with', () => {
  it.each(['kube', 'operator', 'runtime', 'cli', 'crds', 'test'])('is not needed at run time by %s', (workspace) => {
    expect(namesOf(workspace).filter((name) => COMPARED.includes(name))).toEqual([]);
  });

  it('is for development alone wherever it is installed, with all that only it needs', () => {
    // npm keeps a hoisted package in an image when any workspace needs it at run time: the flag says that none does.
    const installed = Object.entries(packages).filter(([path]) => path.includes('node_modules/') && COMPARED.includes(nameAt(path)));
    expect(installed.length).toBeGreaterThanOrEqual(2);
    expect(installed.filter(([, { dev }]) => dev !== true).map(([path]) => path)).toEqual([]);
    const atRunTime = new Set(['kube', 'operator', 'runtime', 'cli', 'crds', 'test', 'hack'].flatMap((workspace) => [...productionClosure(packages, workspace)]));
    for (const name of COMPARED) {
      const only = [...productionClosure(packages, `node_modules/${name}`)].filter((path) => !atRunTime.has(path));
      expect(only.filter((path) => packages[path]?.dev !== true), name).toEqual([]);
    }
  });
});

describe('row A.4/images', () => {
  it.each(DOCKERFILES)('%s installs one workspace, and no development dependency gets into the image', async (dockerfile) => {
    const { dockerfile: text, files } = await readBuildContext(repository, dockerfile);
    const installs = text.replaceAll('\\\n', ' ').split('\n').filter((line) => /\bnpm (ci|install|i|add)\b/.test(line));
    expect(installs).toHaveLength(1);
    expect(installs[0]).toMatch(/npm ci .*--workspace=\w+ --include-workspace-root=false/);
    // Where the build needs some, the image takes a bundle: what the program imports, and no package.
    if (!installs[0]?.includes('--omit=dev')) expect(text.match(/(?<=^COPY --from=build )\S+/gm)).toEqual(['/rootfs', '/bundle']);
    const workspace = /--workspace=(\w+)/.exec(installs[0] ?? '')?.[1] ?? '';
    expect(namesOf(workspace).filter((name) => COMPARED.includes(name))).toEqual([]);
    expect(files.filter(({ path }) => path.includes('node_modules/')).map(({ path }) => path)).toEqual([]);
  });

  it.each(DOCKERFILES)('%s holds no source that imports what is compared with', async (dockerfile) => {
    const { files } = await readBuildContext(repository, dockerfile);
    const sources = files.filter(({ path }) => /\.[cm]?[jt]s$/.test(path));
    expect(sources.length).toBeGreaterThan(10);
    const importing = sources.filter(({ content }) => /(?:from|import\(|require\(|resolve\()\s*['"](?:@dot-i\/k8s-operator|@kubernetes\/client-node)/.test(content.toString('utf8')));
    expect(importing.map(({ path }) => path)).toEqual([]);
  });
});

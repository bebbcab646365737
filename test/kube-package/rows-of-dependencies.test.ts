import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { runtimePackages } from './installed-tree.ts';

const repository = new URL('../../', import.meta.url);
/** What goes into an image or to users; test/ and hack/ do not. */
const SHIPPED = ['kube', 'operator', 'runtime', 'cli', 'crds'];

test('row A.4/footprint: whoever installs @sluice/kube installs two packages more', async () => {
  const needed = await runtimePackages('kube');
  expect(needed.map((each) => each.replace(/@[\d.]+$/, ''))).toEqual(['undici', 'yaml']);
});

test('row A.4/advisories: nothing of the tree with critical advisories is in what is shipped', async () => {
  const shipped = (await Promise.all(SHIPPED.map(runtimePackages))).flat();
  expect(shipped.length).toBeGreaterThan(50);
  const names = new Set(shipped.map((each) => each.slice(0, each.lastIndexOf('@'))));
  const banned = ['@dot-i/k8s-operator', 'request', 'jsonpath-plus', 'har-validator', 'form-data', 'tough-cookie', 'tar', 'async', 'gaxios'];
  expect(banned.filter((name) => names.has(name))).toEqual([]);
  expect(shipped.filter((each) => /^uuid@[0-8]\./.test(each))).toEqual([]);
});

test('row A.5/isolated: no file outside of test/ imports @dot-i/k8s-operator', async () => {
  const importing: string[] = [];
  for (const workspace of [...SHIPPED, 'hack']) {
    for await (const path of glob(`${workspace}/**/*.ts`, { cwd: repository, exclude: ['**/node_modules/**', '**/dist/**'] })) {
      if (/(?:from|import\() ?'@dot-i\//.test(await readFile(new URL(path, repository), 'utf8'))) importing.push(path);
    }
  }
  expect(importing).toEqual([]);
});

test('row B.4/model-packages: neither generated models nor another client, watcher or queue library is needed', async () => {
  const needed = await runtimePackages('kube');
  expect(needed.filter((each) => /kubernetes|cdk8s|pepr|p-queue|fastq|bottleneck|async|jsii/.test(each))).toEqual([]);
});

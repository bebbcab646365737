import { execFile } from 'node:child_process';
import { access, glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as kube from '@sluice/kube';
import { allExamples } from './examples.ts';
import { installPackage, type InstalledPackage } from './installed-package.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));
let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
}, 240_000);

afterAll(async () => installed?.remove());

async function files(): Promise<string[]> {
  return (await Array.fromAsync(glob('**/*.*', { cwd: installed.package }))).toSorted();
}

test('its dependencies are undici and yaml, and its engines are what undici asks for', async () => {
  const manifest = JSON.parse(await readFile(join(installed.package, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
  const undici = JSON.parse(await readFile(join(installed.folder, 'node_modules/undici/package.json'), 'utf8')) as { engines: { node: string } };
  expect(Object.keys(manifest['dependencies'] ?? {})).toEqual(['undici', 'yaml']);
  expect(manifest['engines']).toEqual(undici.engines);
  expect(manifest['license']).toBe('Apache-2.0');
  expect(manifest).not.toHaveProperty('private');
  const peers = Object.keys(manifest['peerDependencies'] ?? {});
  expect(peers.filter((name) => (manifest['peerDependenciesMeta']?.[name] as { optional?: boolean } | undefined)?.optional !== true)).toEqual([]);
});

test('it holds JavaScript, declarations, the licence and the documents, and no TypeScript source or test', async () => {
  const held = await files();
  expect(held).toEqual(expect.arrayContaining(['README.md', 'package.json', 'lib/index.js', 'lib/index.d.ts', 'lib/testing/index.js', 'docs/getting-started.md']));
  await access(join(installed.package, 'LICENSE'));
  expect(held.filter((file) => /\.test\.|vitest|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  const scripts = held.filter((file) => file.endsWith('.js'));
  expect(scripts.map((file) => file.replace(/\.js$/, '.d.ts')).filter((file) => !held.includes(file))).toEqual([]);
});

test('no file of it names a source file, a folder of the machine it was built on, or another package than its own dependencies', async () => {
  const allowed = /^(?:node:|\.{1,2}\/|undici$|yaml$|@sluice\/kube|@kubernetes\/client-node$)/;
  for (const file of (await files()).filter((each) => /\.(?:js|d\.ts)$/.test(each))) {
    const text = await readFile(join(installed.package, file), 'utf8');
    const imported = Array.from(text.matchAll(/^(?:import|export)[^;']*from '([^']+)'|import\('([^']+)'\)/gm), (match) => match[1] ?? match[2] ?? '');
    expect(imported.filter((name) => !allowed.test(name) || (name.startsWith('.') && !name.endsWith('.js'))), file).toEqual([]);
    expect(text, file).not.toContain(repository);
  }
});

test('plain JavaScript gets every export of the source, and the tools for tests', async () => {
  const program = `import * as kube from '@sluice/kube'; import * as testing from '@sluice/kube/testing';
    process.stdout.write(JSON.stringify([Object.keys(kube), Object.keys(testing), testing.FakeClock === kube.FakeClock]));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: installed.folder, timeout: 60_000 });
  const [exported, tools, same] = JSON.parse(stdout) as [string[], string[], boolean];
  expect(exported).toEqual(Object.keys(kube).toSorted());
  expect(tools).toEqual(expect.arrayContaining(['FakeApi', 'FakeClock', 'RecordingSink', 'ScriptedServer', 'fakeRandom']));
  expect(same).toBe(true);
});

test('every TypeScript block of the documents compiles strictly, and so do all declarations', { timeout: 180_000 }, async () => {
  const examples = await allExamples();
  expect(examples.length).toBeGreaterThan(10);
  const sources = Object.fromEntries(examples.map(({ document, line, code }) => [`${document.replaceAll(/\W/g, '-')}-line-${line}.ts`, `${code}export {};\n`]));
  const everything = "import type * as kube from '@sluice/kube';\nimport type * as testing from '@sluice/kube/testing';\nexport type All = [typeof kube, typeof testing];\n";
  const { complaints } = await installed.compile({ ...sources, 'everything.ts': everything });
  expect(complaints).toBe('');
});

test('the tests that docs/testing.md shows pass', { timeout: 180_000 }, async () => {
  const examples = (await allExamples()).filter(({ document }) => document === 'docs/testing.md');
  const sources = Object.fromEntries(examples.map(({ name, line, code }) => [name ?? `line-${line}.test.ts`, code]));
  const { folder, complaints } = await installed.compile(sources);
  expect(complaints).toBe('');
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', '*.test.js'], { cwd: folder, timeout: 120_000 });
  expect(stdout).toContain(`# pass ${examples.length}\n`);
  expect(stdout).toContain('# fail 0\n');
});

test('a mistake of the user is found by its types', { timeout: 180_000 }, async () => {
  const wrong = "import { Informer } from '@sluice/kube';\nexport const informer = new Informer({ type: 'pods' });\n";
  const { complaints } = await installed.compile({ 'wrong.ts': wrong });
  expect(complaints).toMatch(/wrong\.ts\(2,\d+\): error/);
});

test('row B.1/import: importing the package costs at least a third less memory than importing client-node', { timeout: 60_000 }, async () => {
  const program = 'const before = process.memoryUsage().rss; await import(process.argv[1]); process.stdout.write(String(process.memoryUsage().rss - before));';
  const growthOf = async (specifier: string, cwd: string): Promise<number> => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, specifier], { cwd, timeout: 50_000 });
    return Number(stdout);
  };
  const own = await growthOf('@sluice/kube', installed.folder);
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThan((await growthOf('@kubernetes/client-node', join(repository, 'test'))) * (2 / 3));
});

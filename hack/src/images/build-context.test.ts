import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contextDigestInputs, readBuildContext, readProgramContext, readToolsContext, writeBuildContext } from './build-context.ts';
import { contentTag } from './content-digest.ts';
import { imageRef } from './workshop.ts';

let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'sluice-context-'));
  await mkdir(join(repository, 'crds/src/deep'), { recursive: true });
  await writeFile(join(repository, '.dockerignore'), '**/*.test.ts\n');
  await writeFile(join(repository, 'Dockerfile.x'), 'ARG NODE_IMAGE=node:1\nFROM ${NODE_IMAGE}\nCOPY package.json ./\nCOPY crds/src/ crds/src\n');
  await writeFile(join(repository, 'package.json'), '{}');
  await writeFile(join(repository, 'crds/src/a.ts'), 'a');
  await writeFile(join(repository, 'crds/src/a.test.ts'), 'test');
  await writeFile(join(repository, 'crds/src/deep/run.sh'), 'run');
  await chmod(join(repository, 'crds/src/deep/run.sh'), 0o755);
});

afterEach(async () => {
  await rm(repository, { recursive: true, force: true });
});

async function tag(): Promise<string> {
  return contentTag(contextDigestInputs(await readBuildContext(repository, 'Dockerfile.x')));
}

test('a context holds what the Dockerfile copies and .dockerignore lets in', async () => {
  const { files, nodeImage } = await readBuildContext(repository, 'Dockerfile.x');
  expect(files.map((file) => [file.path, file.executable])).toEqual([
    ['crds/src/a.ts', false],
    ['crds/src/deep/run.sh', true],
    ['package.json', false],
  ]);
  expect(nodeImage).toBe('node:1');
});

test('a context is written as it was read, with times that say nothing', async () => {
  const context = await readBuildContext(repository, 'Dockerfile.x');
  const folder = join(repository, 'out');
  await mkdir(folder);
  await writeBuildContext(context, folder);
  expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['Dockerfile', 'crds', 'crds/src', 'crds/src/a.ts', 'crds/src/deep', 'crds/src/deep/run.sh', 'package.json']);
  expect(await readFile(join(folder, 'crds/src/a.ts'), 'utf8')).toBe('a');
  const { mode, mtimeMs } = await stat(join(folder, 'crds/src/deep/run.sh'));
  expect(mode & 0o777).toBe(0o755);
  expect(mtimeMs).toBe((await stat(join(folder, 'package.json'))).mtimeMs);
});

test('what is not copied changes no tag', async () => {
  const before = await tag();
  await writeFile(join(repository, 'crds/src/b.test.ts'), 'another test');
  await writeFile(join(repository, 'README.md'), 'text');
  expect(await tag()).toBe(before);
});

test('a source, its name, its mode and the Dockerfile change the tag', async () => {
  const tags = [await tag()];
  await writeFile(join(repository, 'crds/src/a.ts'), 'b');
  tags.push(await tag());
  await writeFile(join(repository, 'crds/src/c.ts'), '');
  tags.push(await tag());
  await chmod(join(repository, 'crds/src/c.ts'), 0o755);
  tags.push(await tag());
  await writeFile(join(repository, 'Dockerfile.x'), `${await readFile(join(repository, 'Dockerfile.x'), 'utf8')}USER 1\n`);
  tags.push(await tag());
  expect(new Set(tags).size).toBe(tags.length);
});

test('another base is another image', async () => {
  const context = await readBuildContext(repository, 'Dockerfile.x');
  expect(imageRef('sluice-runtime', context, 'node:1')).toMatch(/^localhost\/sluice-runtime:[0-9a-f]{16}$/);
  expect(imageRef('sluice-runtime', context, 'node:1')).not.toBe(imageRef('sluice-runtime', context, 'node:2'));
});

test('a source that does not exist is named, with the Dockerfile', async () => {
  await rm(join(repository, 'package.json'));
  await expect(readBuildContext(repository, 'Dockerfile.x')).rejects.toThrow('Dockerfile.x copies package.json, which does not exist');
});

test('the context of a program is the program alone', async () => {
  await writeFile(join(repository, 'Dockerfile.p'), 'ARG NODE_IMAGE=node:1\nFROM ${NODE_IMAGE}\nCOPY server /bin/server\n');
  await writeFile(join(repository, 'server'), 'program');
  const context = await readProgramContext(repository, 'Dockerfile.p', join(repository, 'server'));
  expect(context.nodeImage).toBe('node:1');
  expect(context.files).toEqual([{ path: 'server', content: Buffer.from('program'), executable: true }]);
});

test('a Dockerfile of a program that copies more is refused', async () => {
  await writeFile(join(repository, 'server'), 'program');
  await expect(readProgramContext(repository, 'Dockerfile.x', join(repository, 'server'))).rejects.toThrow('Dockerfile.x copies package.json and crds/src/');
});

test('a context of tools holds what it is told of each, under the name that the Dockerfile copies', async () => {
  await writeFile(join(repository, 'Dockerfile.tools'), 'ARG NODE_IMAGE=node:1\nFROM ${NODE_IMAGE}\nCOPY sources /opt\nCOPY run.sh /bin/run\n');
  const tools = { sources: { path: join(repository, 'crds'), parts: ['src/a.ts', 'src/deep'] }, 'run.sh': { path: join(repository, 'crds/src/deep/run.sh') } };
  const { files } = await readToolsContext(repository, 'Dockerfile.tools', tools);
  expect(files.map(({ path, executable, content }) => [path, executable, content.toString()])).toEqual([['run.sh', true, 'run'], ['sources/src/a.ts', false, 'a'], ['sources/src/deep/run.sh', true, 'run']]);
  await expect(readToolsContext(repository, 'Dockerfile.x', tools)).rejects.toThrow('Dockerfile.x copies package.json and crds/src/: its context holds nothing but sources and run.sh');
});

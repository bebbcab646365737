import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { storyVersion } from './story-version.ts';

test('images, chart, examples and the story itself make the version; nothing else does', async () => {
  const repository = await mkdtemp(join(tmpdir(), 'sluice-version-'));
  onTestFinished(async () => rm(repository, { recursive: true, force: true }));
  const files = ['charts/sluice/values.yaml', 'examples/agent.yaml', 'test/story/story.ts', 'test/tools-in-cluster/load.yaml'].map((path) => join(repository, path));
  for (const file of files) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, 'text');
  }
  const versions = [await storyVersion(repository, ['a:1']), await storyVersion(repository, ['a:2'])];
  for (const file of files) {
    await appendFile(file, 'x');
    versions.push(await storyVersion(repository, ['a:2']));
  }
  expect(new Set(versions).size).toBe(versions.length);
  await writeFile(join(repository, 'README.md'), 'text');
  expect(await storyVersion(repository, ['a:2'])).toBe(versions.at(-1));
});

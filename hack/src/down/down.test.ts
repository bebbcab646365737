import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentProgress } from '../progress/progress.ts';
import { down } from './down.ts';

let stateRoot: string;

beforeEach(async () => {
  stateRoot = await mkdtemp(join(tmpdir(), 'sluice-down-'));
});

afterEach(async () => {
  await rm(stateRoot, { recursive: true, force: true });
});

async function run(name: string): Promise<string> {
  return down({ name, stateRoot, progress: silentProgress, signal: new AbortController().signal });
}

test('nothing was made: nothing is removed, and that is no error', async () => {
  expect(await run('sluice')).toBe('nothing');
});

test('a state folder in which no cluster was begun goes with its log; its neighbours stay', async () => {
  for (const name of ['sluice', 'sluice-test']) {
    await mkdir(join(stateRoot, name));
    await writeFile(join(stateRoot, `${name}.log`), 'log');
  }
  expect(await run('sluice')).toBe('removed');
  expect((await readdir(stateRoot)).toSorted()).toEqual(['sluice-test', 'sluice-test.log']);
});

test('a record of what is in another cluster that cannot be read stops the removal', async () => {
  await mkdir(join(stateRoot, 'sluice'));
  await writeFile(join(stateRoot, 'sluice', 'installed.json'), '{');
  await expect(run('sluice')).rejects.toThrow('installed.json');
  expect(await readdir(join(stateRoot, 'sluice'))).toEqual(['installed.json']);
});

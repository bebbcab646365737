import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../progress/clock.ts';
import { silentProgress } from '../progress/progress.ts';
import { openRunLog } from '../up/log.ts';
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

test.each([
  ['files of somebody', { 'thesis.tex': 'years of work' }],
  ['a cluster.json of something else', { 'cluster.json': '{"clusters":[]}' }],
  ['a kubeconfig only', { kubeconfig: 'apiVersion: v1' }],
])('a folder with %s is refused and stays as it is, its log too', async (_title, files) => {
  await mkdir(join(stateRoot, 'sluice'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(stateRoot, 'sluice', name), text);
  await writeFile(join(stateRoot, 'sluice.log'), 'not ours');
  await expect(run('sluice')).rejects.toThrow(join(stateRoot, 'sluice'));
  expect(await readdir(join(stateRoot, 'sluice'))).toEqual(Object.keys(files));
  expect(await readdir(stateRoot)).toContain('sluice.log');
});

test('a folder that a run had only begun goes with its log; its neighbours stay', async () => {
  for (const name of ['sluice', 'sluice-test']) {
    await mkdir(join(stateRoot, name));
    await writeFile(join(stateRoot, name, 'cluster.json'), '{"kind":"existing","name":"prod"}');
    await (await openRunLog(join(stateRoot, `${name}.log`), silentProgress, systemClock)).close();
  }
  expect(await run('sluice')).toBe('removed');
  expect((await readdir(stateRoot)).toSorted()).toEqual(['sluice-test', 'sluice-test.log']);
});

test('an empty folder, of a run killed at its first step, goes', async () => {
  await mkdir(join(stateRoot, 'sluice'));
  expect(await run('sluice')).toBe('removed');
  expect(await readdir(stateRoot)).toEqual([]);
});

test('a log of ours without its cluster goes, a log of somebody else stays', async () => {
  await (await openRunLog(join(stateRoot, 'sluice.log'), silentProgress, systemClock)).close();
  await writeFile(join(stateRoot, 'nginx.log'), 'GET /');
  expect([await run('sluice'), await run('nginx')]).toEqual(['nothing', 'nothing']);
  expect(await readdir(stateRoot)).toEqual(['nginx.log']);
});

test('a record of what is in another cluster that cannot be read stops the removal', async () => {
  await mkdir(join(stateRoot, 'sluice'));
  await writeFile(join(stateRoot, 'sluice', 'installed.json'), '{');
  await expect(run('sluice')).rejects.toThrow('installed.json');
  expect(await readdir(join(stateRoot, 'sluice'))).toEqual(['installed.json']);
});

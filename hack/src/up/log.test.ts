import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../progress/clock.ts';
import { silentProgress } from '../progress/progress.ts';
import { both, openRunLog, removeRunLog } from './log.ts';

test('the file has the steps and the lines of this run only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'deep', 'run.log');
  for (const title of ['first run', 'second run']) {
    const log = await openRunLog(path, silentProgress, systemClock);
    log.progress.step(title).done('fine');
    log.line('a line of helm');
    await log.close();
  }
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/ok {3}second run: fine/);
  expect(text).toContain('a line of helm\n');
  expect(text).not.toContain('first run');
});

test('a file that is no log of ours is neither overwritten nor removed; a log is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  const foreign = join(folder, 'nginx.log');
  await writeFile(foreign, 'GET /\n');
  await expect(openRunLog(foreign, silentProgress, systemClock)).rejects.toThrow(`${foreign} is not a log of Sluice`);
  await removeRunLog(foreign);
  const ours = join(folder, 'ours.log');
  await (await openRunLog(ours, silentProgress, systemClock)).close();
  await removeRunLog(ours);
  await removeRunLog(join(folder, 'absent.log'));
  expect(await readdir(folder)).toEqual(['nginx.log']);
  expect(await readFile(foreign, 'utf8')).toBe('GET /\n');
});

test('both are told every word of a step', () => {
  const told: string[] = [];
  const recorder = (name: string) => ({
    step: (title: string) => ({
      update: (detail: string) => void told.push(`${name} ${title} ${detail}`),
      done: (detail?: string) => void told.push(`${name} done ${detail}`),
      failed: (reason: string) => void told.push(`${name} failed ${reason}`),
    }),
  });
  const progress = both(recorder('a'), recorder('b'));
  const step = progress.step('build');
  step.update('half');
  step.done('all');
  progress.step('load').failed('no');
  expect(told).toEqual(['a build half', 'b build half', 'a done all', 'b done all', 'a failed no', 'b failed no']);
});

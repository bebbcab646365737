import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../progress/clock.ts';
import { withCommandLock } from './command-lock.ts';

const clock: Clock = { monotonicMs: () => 0, wallMs: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

test('two commands on one cluster follow each other, and the second says whom it waits for; another cluster waits for nobody', async () => {
  const stateRoot = await mkdtemp(join(tmpdir(), 'sluice-commands-'));
  onTestFinished(async () => rm(stateRoot, { recursive: true, force: true }));
  const said: string[] = [];
  const order: string[] = [];
  const run = async (name: string, mark: string, work: () => Promise<void>): Promise<void> =>
    withCommandLock({ stateRoot, name, clock, signal: new AbortController().signal, say: (sentence) => said.push(sentence) }, async () => {
      order.push(`${mark} begins`);
      await work();
      order.push(`${mark} ends`);
    });
  const begun = Promise.withResolvers<void>();
  const second = begun.promise.then(async () => run('a', 'down', async () => undefined));
  await run('a', 'up', async () => {
    begun.resolve();
    await run('b', 'neighbour', async () => undefined);
    while (said.length === 0) await clock.sleep(0, new AbortController().signal);
  });
  await second;
  expect(order).toEqual(['up begins', 'neighbour begins', 'neighbour ends', 'up ends', 'down begins', 'down ends']);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`waiting for process ${process.pid} `);
  expect(await readdir(stateRoot)).toEqual([]);
});

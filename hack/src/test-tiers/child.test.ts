import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { identifyProcess } from '../process/identity.ts';
import { systemClock } from '../progress/clock.ts';
import { runChild } from './child.ts';
import type { TierContext } from './tier.ts';

async function contextOf(signal: AbortSignal): Promise<TierContext & { readonly repository: string }> {
  const repository = await mkdtemp(join(tmpdir(), 'sluice-child-'));
  onTestFinished(async () => rm(repository, { recursive: true, force: true }));
  return { repository, signal, clock: systemClock, env: { WORD: 'given' }, terminal: process.stderr };
}

async function pidIn(file: string): Promise<number> {
  return vi.waitFor(async () => {
    const pid = Number(await readFile(file, 'utf8'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 10_000);
}

/** Gone, and not merely reported as killed. */
async function expectGone(pid: number): Promise<void> {
  await vi.waitFor(async () => expect(await identifyProcess(pid)).toBeUndefined(), 10_000);
}

test('the exit code and the environment are those of the child', async () => {
  const context = await contextOf(new AbortController().signal);
  expect(await runChild('/bin/sh', ['-c', 'test "$WORD" = given && exit 3'], context)).toBe(3);
});

test('an abort ends the child and what it started', async () => {
  const controller = new AbortController();
  const context = await contextOf(controller.signal);
  const ended = runChild('/bin/sh', ['-c', 'sleep 300 & echo $! > grandchild; wait'], context).catch((error: unknown) => error);
  const pid = await pidIn(join(context.repository, 'grandchild'));
  const reason = new Error('stopped');
  controller.abort(reason);
  expect(await ended).toBe(reason);
  await expectGone(pid);
});

test('what a child leaves behind ends with it', async () => {
  const context = await contextOf(new AbortController().signal);
  expect(await runChild('/bin/sh', ['-c', 'sleep 300 & echo $! > left'], context)).toBe(0);
  await expectGone(await pidIn(join(context.repository, 'left')));
});

test('a run that is stopped already starts nothing', async () => {
  const context = await contextOf(AbortSignal.abort(new Error('stopped before')));
  await expect(runChild('/bin/sh', ['-c', 'touch started'], context)).rejects.toThrow('stopped before');
});

test('what the child and its children write is told line by line, the last one too', async () => {
  const context = await contextOf(new AbortController().signal);
  const lines: string[] = [];
  const code = await runChild('/bin/sh', ['-c', 'echo one; (echo two >&2); printf three'], context, (line) => lines.push(line));
  expect(code).toBe(0);
  expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
});

test('a program that cannot be started is an error, told or not', async () => {
  const context = await contextOf(new AbortController().signal);
  await expect(runChild('/no/such/program', [], context, () => undefined)).rejects.toThrow('ENOENT');
});

test('an abort ends a child whose output is told', async () => {
  const controller = new AbortController();
  const context = await contextOf(controller.signal);
  const ended = runChild('/bin/sh', ['-c', 'sleep 300 & echo $! > grandchild; wait'], context, () => undefined).catch((error: unknown) => error);
  const pid = await pidIn(join(context.repository, 'grandchild'));
  const reason = new Error('stopped');
  controller.abort(reason);
  expect(await ended).toBe(reason);
  await expectGone(pid);
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandError } from '../process/command.ts';
import { systemClock } from '../progress/clock.ts';
import { silentProgress } from '../progress/progress.ts';
import { ensureBaseImage } from './base-image.ts';
import type { ImageEngine } from './engine.ts';
import { nodeBaseRef } from './node-base.ts';

const PUBLIC = 'node:26.10.0-bookworm-slim';
let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'sluice-base-'));
  await mkdir(join(repository, 'node_modules/node'), { recursive: true });
  await writeFile(join(repository, 'node_modules/node/package.json'), '{"version":"26.10.0"}');
});

afterEach(async () => {
  await rm(repository, { recursive: true, force: true });
});

interface World {
  readonly stored: readonly string[];
  readonly registry: 'answers' | 'silent' | 'breaks';
}

function engineIn({ stored, registry }: World): ImageEngine & { readonly calls: string[] } {
  const calls: string[] = [];
  const refuse = async (): Promise<never> => Promise.reject(new Error('not expected in this test'));
  return {
    name: 'buildah',
    calls,
    has: async (ref) => stored.includes(ref),
    isReachable: async (ref) => {
      calls.push(`ask ${ref}`);
      return registry !== 'silent';
    },
    pull: async (ref) => {
      calls.push(`pull ${ref}`);
      if (registry === 'breaks') throw new CommandError('connection reset', '');
    },
    build: refuse,
    save: refuse,
    removeOtherTags: refuse,
  };
}

async function baseOf(engine: ImageEngine, override?: string): Promise<string> {
  const signal = new AbortController().signal;
  return ensureBaseImage({ engine, nodeImage: PUBLIC, override, repository, cacheRoot: repository, clock: systemClock, progress: silentProgress, signal });
}

test('a public image that the engine has is used without asking any registry', async () => {
  const engine = engineIn({ stored: [PUBLIC, nodeBaseRef('26.10.0')], registry: 'answers' });
  expect(await baseOf(engine)).toBe(PUBLIC);
  expect(engine.calls).toEqual([]);
});

test('a base made here before is used without asking any registry', async () => {
  const engine = engineIn({ stored: [nodeBaseRef('26.10.0')], registry: 'answers' });
  expect(await baseOf(engine)).toBe(nodeBaseRef('26.10.0'));
  expect(engine.calls).toEqual([]);
});

test('a base made for another Node is not used', async () => {
  expect(await baseOf(engineIn({ stored: [nodeBaseRef('26.9.0')], registry: 'answers' }))).toBe(PUBLIC);
});

test('the public image is pulled where its registry answers', async () => {
  const engine = engineIn({ stored: [], registry: 'answers' });
  expect(await baseOf(engine)).toBe(PUBLIC);
  expect(engine.calls).toEqual([`ask ${PUBLIC}`, `pull ${PUBLIC}`]);
});

test('a pull that breaks is an error that names the image', async () => {
  await expect(baseOf(engineIn({ stored: [], registry: 'breaks' }))).rejects.toThrow(`the base image ${PUBLIC} could not be pulled: connection reset`);
});

test('a base that the user names is used as it is, pulled where it is missing', async () => {
  const engine = engineIn({ stored: [PUBLIC], registry: 'answers' });
  expect(await baseOf(engine, 'mirror.example/node:26')).toBe('mirror.example/node:26');
  expect(engine.calls).toEqual(['pull mirror.example/node:26']);
});

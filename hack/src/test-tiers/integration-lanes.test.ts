import { glob, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { APART_LANE, INTEGRATION_LANES, type IntegrationLane } from './integration-lanes.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const THEIRS = ['node_modules', '.git', '.cluster'];
let files: readonly string[];

beforeAll(async () => {
  files = await Array.fromAsync(glob('**/*.integration.test.ts', { cwd: repository, exclude: (name) => THEIRS.includes(name) }));
});

function holds({ include, exclude }: IntegrationLane, file: string): boolean {
  const matches = (pattern: string): boolean => matchesGlob(file, pattern);
  return include.some(matches) && !exclude.some(matches);
}

test('each integration test is in exactly one lane', () => {
  expect(files.length).toBeGreaterThan(50);
  const lanesOf = (file: string): readonly string[] => INTEGRATION_LANES.filter((lane) => holds(lane, file)).map((lane) => lane.project);
  expect(files.map((file) => [file, lanesOf(file)] as const).filter(([, lanes]) => lanes.length !== 1)).toEqual([]);
});

test('each folder of a lane has a test', () => {
  const empty = INTEGRATION_LANES.flatMap((lane) => APART_LANE === lane ? lane.include : []).filter((pattern) => !files.some((file) => matchesGlob(file, pattern)));
  expect(empty).toEqual([]);
});

/** Paths of the repository that a file imports, or starts as a program beside it; what is imported for its types alone is not run. */
async function importsOf(path: string): Promise<readonly string[]> {
  const source = await readFile(path, 'utf8').catch(() => '');
  const imports = Array.from(source.matchAll(/^(?:import|export)(?! type)[^;']*from '([^']+)'|import\('([^']+)'\)|new URL\('([^']+\.ts)', import\.meta\.url\)/gm), ([, from, dynamic, program]) => from ?? dynamic ?? program ?? '');
  const ours = imports.filter((name) => name.startsWith('.') || name.startsWith('@sluice/'));
  return ours.map((name) => (name.startsWith('.') ? join(dirname(path), name) : createRequire(path).resolve(name)));
}

async function usersOf(name: string, file: string): Promise<readonly string[]> {
  const seen = new Set([join(repository, file)]);
  const users: string[] = [];
  for (const path of seen) {
    if ((await readFile(path, 'utf8').catch(() => '')).includes(name)) users.push(relative(repository, path));
    for (const next of await importsOf(path)) seen.add(next);
  }
  return users;
}

test.each(['operator/src/integration/lifecycle.integration.test.ts', 'kube/src/election/paused-leader.integration.test.ts'])('%s is seen to use the shared API server', async (file) => {
  expect(await usersOf('SLUICE_TEST_KUBECONFIG', file)).not.toEqual([]);
});

test('no test of the lane apart uses the shared API server', async () => {
  const apart = files.filter((file) => holds(APART_LANE, file));
  const users = await Promise.all(apart.map(async (file) => [file, await usersOf('SLUICE_TEST_KUBECONFIG', file)] as const));
  expect(users.filter(([, names]) => names.length > 0)).toEqual([]);
});

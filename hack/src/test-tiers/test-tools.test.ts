import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../progress/clock.ts';
import { RECIPES } from '../tools/recipes.ts';
import { prepareTestTools } from './test-tools.ts';
import type { TierContext } from './tier.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const terminal = { write: () => true } as unknown as NodeJS.WriteStream;

function contextOf(signal: AbortSignal): TierContext {
  return { repository, signal, clock: systemClock, env: {}, terminal };
}

async function prepared(): Promise<readonly string[]> {
  const programs: string[] = [];
  await prepareTestTools(contextOf(new AbortController().signal), async (program) => programs.push(program));
  return programs;
}

function toolOf(program: string): string {
  return RECIPES.find((recipe) => [...recipe.programs, ...recipe.aliases].some((name) => name === program))?.tool ?? program;
}

/** For what only a benchmark with other contenders, or the end-to-end tests, need. */
const NOT_FOR_TESTS = ['litellm'];

test('every tool that a test asks for by name is prepared', async () => {
  const sources = await Array.fromAsync(glob('test/**/*.ts', { cwd: repository, exclude: (name) => name === 'node_modules' }));
  const asked = new Set<string>();
  for (const source of sources) {
    const text = await readFile(`${repository}/${source}`, 'utf8');
    for (const [, list = ''] of text.matchAll(/ensureTools\(\[([^\]]+)\]/g)) for (const [, name = ''] of list.matchAll(/'([^']+)'/g)) asked.add(toolOf(name));
  }
  expect(asked.size).toBeGreaterThan(6);
  const tools = (await prepared()).map(toolOf);
  expect([...asked].filter((tool) => !tools.includes(tool) && !NOT_FOR_TESTS.includes(tool))).toEqual([]);
});

test('one that cannot be had keeps none of the others away', async () => {
  const tried: string[] = [];
  await prepareTestTools(contextOf(new AbortController().signal), async (program) => {
    tried.push(program);
    if (program === 'kubectl' || program === 'valkey-server') throw new Error('the registry does not answer');
  });
  expect(tried.toSorted()).toEqual([...(await prepared())].toSorted());
});

test('compilers and downloads go side by side, each one at a time', async () => {
  let [running, most] = [0, 0];
  await prepareTestTools(contextOf(new AbortController().signal), async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
  });
  expect(most).toBe(2);
});

test('an abort ends it with its reason', async () => {
  const controller = new AbortController();
  const tried: string[] = [];
  const preparing = prepareTestTools(contextOf(controller.signal), async (program) => {
    tried.push(program);
    controller.abort(new Error('stopped'));
  });
  await expect(preparing).rejects.toThrow('stopped');
  expect(tried.length).toBeLessThanOrEqual(2);
});

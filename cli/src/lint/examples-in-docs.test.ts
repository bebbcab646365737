import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lintFile } from './lint-file.ts';
import { givenObjects } from './given-objects.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const [pages, files] = await Promise.all([['README.md', 'docs/*.md'], ['examples/*-agent/*.yaml']].map(async (patterns) => (await Array.fromAsync(glob(patterns, { cwd: root }))).toSorted()));

interface Example {
  readonly title: string;
  readonly text: string;
}

/** Whole manifests of ours: fragments of a spec are no documents. */
async function examplesIn(page: string): Promise<Example[]> {
  const source = await readFile(`${root}${page}`, 'utf8');
  const blocks = [...source.matchAll(/```(?:yaml|sh)\n([\s\S]*?)```/g)].map(([, block = '']) => /<<'YAML'\n([\s\S]*?)\nYAML\n/.exec(block)?.[1] ?? block);
  return blocks.filter((text) => /^apiVersion: sluice\.dev\//m.test(text)).map((text, index) => ({ title: `${page}, ${index + 1}`, text }));
}

const examples = (await Promise.all((pages ?? []).map(examplesIn))).flat();

describe('whole manifests in the documents', () => {
  it.each(examples)('$title can be applied', ({ title, text }) => {
    expect(lintFile(title, text, { now: 0 }).problems).toEqual([]);
  });

  it('are those that a newcomer meets first, a suite with a judge among them', () => {
    expect(examples.map(({ title }) => title)).toEqual(expect.arrayContaining(['README.md, 1', 'docs/evaluations.md, 1']));
    const suites = examples.flatMap(({ title, text }) => givenObjects(lintFile(title, text, { now: 0 }).manifests)).filter(({ kind }) => kind === 'EvalSuite');
    expect(suites.some(({ spec }) => Object.hasOwn(spec as object, 'judge'))).toBe(true);
  });
});

describe('examples', () => {
  it.each(files ?? [])('%s can be applied', async (file) => {
    expect(lintFile(file, await readFile(`${root}${file}`, 'utf8'), { now: 0 }).problems).toEqual([]);
  });

  it('are there', () => {
    expect(files).toContain('examples/simulated-agent/suite.yaml');
  });
});

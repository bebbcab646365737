import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goArguments } from './go-build.ts';
import { isRecentGo } from './go-toolchain.ts';
import { type GoRecipe, recipeKey } from './recipe.ts';
import { RECIPES } from './recipes.ts';

const recipe: GoRecipe = { tool: 'tool', version: '1.2.3', source: { kind: 'folder', folder: 'tool' }, ldflags: '-s', programs: ['tool'], aliases: [] };

describe('recipeKey', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-recipe-'));
    await mkdir(join(folder, 'tool'));
    await writeFile(join(folder, 'tool', 'main.go'), 'package main');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('begins with the version and is the same for the same recipe', async () => {
    const key = await recipeKey(recipe, folder);
    expect(key).toMatch(/^1\.2\.3-[0-9a-f]{12}$/);
    expect(await recipeKey({ ...recipe }, folder)).toBe(key);
  });

  it.each<[string, Partial<GoRecipe>]>([
    ['flags', { ldflags: '-s -w' }],
    ['programs', { programs: ['other'] }],
    ['aliases', { aliases: ['alias'] }],
  ])('changes with the %s', async (_, change) => {
    expect(await recipeKey({ ...recipe, ...change }, folder)).not.toBe(await recipeKey(recipe, folder));
  });

  it('changes with the source and the pinned modules, not with other files', async () => {
    const before = await recipeKey(recipe, folder);
    await writeFile(join(folder, 'tool', 'notes.md'), 'text');
    expect(await recipeKey(recipe, folder)).toBe(before);
    await writeFile(join(folder, 'tool', 'go.sum'), 'hash');
    expect(await recipeKey(recipe, folder)).not.toBe(before);
  });
});

describe('RECIPES', () => {
  it('never give two programs one name', () => {
    const names = RECIPES.flatMap((entry) => [...entry.programs, ...entry.aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('pin every version to three numbers, or one for our own', () => {
    for (const entry of RECIPES) expect(entry.version).toMatch(entry.source.kind !== 'folder' ? /^\d+\.\d+\.\d+(\.post\d+)?$/ : /^\d+(\.\d+\.\d+)?$/);
  });
});

describe('the pinned modules', () => {
  it.each([
    ['kubernetes', 'k8s.io/kubernetes'],
    ['coredns', 'github.com/coredns/coredns'],
    ['prometheus', 'github.com/prometheus/prometheus'],
  ])('of %s name the version that the recipe tells', async (tool, module) => {
    const version = RECIPES.find((entry) => entry.tool === tool)?.version;
    const pinned = await readFile(new URL(`../../go/${tool}/go.mod`, import.meta.url), 'utf8');
    expect(pinned.split('\n').map((line) => line.trim().replace(/^require /, '').replace(/ \/\/ indirect$/, ''))).toContain(`${module} v${version}`);
  });
});

describe('goArguments', () => {
  it('installs a module at the pinned version', () => {
    const args = goArguments({ ...recipe, source: { kind: 'module', packages: ['example.org/a/cmd/a'] } }, '/out');
    expect(args[0]).toBe('install');
    expect(args.at(-1)).toBe('example.org/a/cmd/a@v1.2.3');
  });

  it('builds a folder into the entry', () => {
    expect(goArguments(recipe, '/out').slice(-3)).toEqual(['-o', '/out/', '.']);
  });

  it("builds the tool of a folder's module with the tags that it needs", () => {
    const args = goArguments({ ...recipe, source: { kind: 'folder', folder: 'tool', tool: 'example.org/a/cmd/a', tags: ['small', 'static'] } }, '/out');
    expect(args.slice(-5)).toEqual(['-tags', 'small,static', '-o', '/out/', 'example.org/a/cmd/a']);
  });
});

describe('isRecentGo', () => {
  it.each([
    ['go1.26.0', true],
    ['go1.26rc1', true],
    ['go1.30', true],
    ['go2.0', true],
    ['go1.25.9', false],
    ['go1.19.8', false],
    ['devel', false],
    ['', false],
  ])('%s: %s', (version, recent) => {
    expect(isRecentGo(version)).toBe(recent);
  });
});

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../process/command.ts';
import { systemClock } from '../progress/clock.ts';
import type { ProgressStep } from '../progress/progress.ts';
import { cacheRoot, ensureEntry } from './cache.ts';
import { fetchFiles } from './fetch-files.ts';
import { goBuild } from './go-build.ts';
import { ensureGo, type GoToolchainOptions } from './go-toolchain.ts';
import type { ToolsOptions } from './options.ts';
import { type Recipe, recipeKey } from './recipe.ts';
import { RECIPES } from './recipes.ts';
import { ToolError } from './tool-error.ts';

export type { ToolsOptions } from './options.ts';
export { ensureSystemPrograms, type SystemProgram } from './system-programs.ts';
export { ToolError } from './tool-error.ts';

type AnyRecipe = (typeof RECIPES)[number];

/** A program that the tool cache builds: etcd, kubectl, helm, ctr, ... */
export type ToolProgram = AnyRecipe['programs'][number] | AnyRecipe['aliases'][number];

const GO_FOLDER = fileURLToPath(new URL('../../go', import.meta.url));

/** Absolute paths of the programs, built first where the cache holds no intact copy. Throws ToolError. */
export async function ensureTools<P extends ToolProgram>(programs: readonly P[], options: ToolsOptions): Promise<Readonly<Record<P, string>>> {
  const wanted = new Set<string>(programs);
  const paths: Record<string, string> = {};
  for (const recipe of RECIPES) {
    const names = [...recipe.programs, ...recipe.aliases].filter((name) => wanted.has(name));
    if (names.length === 0) continue;
    const folder = await ensureTool(recipe, options);
    for (const name of names) paths[name] = join(folder, name);
  }
  return paths as Readonly<Record<P, string>>;
}

/** The Go build of one tool uses every core by itself: tools are built one after the other. */
async function ensureTool(recipe: Recipe, options: ToolsOptions): Promise<string> {
  const shared = {
    root: options.cacheRoot ?? cacheRoot(process.env),
    clock: options.clock ?? systemClock,
    progress: options.progress,
    signal: options.signal,
  };
  try {
    return await ensureEntry({
      ...shared,
      tool: recipe.tool,
      key: await recipeKey(recipe, GO_FOLDER),
      build: async (folder, step) => {
        await fillEntry(recipe, folder, { ...shared, step });
      },
    });
  } catch (error) {
    if (error instanceof CommandError) throw new ToolError(`${recipe.tool} ${recipe.version} could not be built: ${error.message}`, { cause: error });
    throw error;
  }
}

async function fillEntry(recipe: Recipe, folder: string, options: GoToolchainOptions & { readonly step: ProgressStep }): Promise<void> {
  if (!('ldflags' in recipe)) return fetchFiles(recipe, folder, options);
  await goBuild(recipe, folder, { go: await ensureGo(options), goFolder: GO_FOLDER, signal: options.signal, step: options.step });
}

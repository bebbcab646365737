import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How one tool is made from pinned Go modules. Everything in it enters the digest that names the cache entry. */
export interface Recipe {
  readonly tool: string;
  readonly version: string;
  readonly source: RecipeSource;
  readonly ldflags: string;
  /** Programs that the build leaves in the folder. */
  readonly programs: readonly string[];
  /** Other names of the first program. */
  readonly aliases: readonly string[];
}

export type RecipeSource =
  /** `go install PACKAGE@VERSION` of each package. */
  | { readonly kind: 'module'; readonly packages: readonly string[] }
  /** `go build` of a module of this repository: a folder of `hack/go`, its go.sum pins the rest. */
  | { readonly kind: 'folder'; readonly folder: string };

/** Raise it when the way of building changes in a way that no recipe field shows. */
const BUILD_GENERATION = 1;
const DIGEST_LENGTH = 12;

/** `<version>-<digest>`: the digest covers the recipe, the source it names, the system and the processor. */
export async function recipeKey(recipe: Recipe, goFolder: string): Promise<string> {
  const files = recipe.source.kind === 'folder' ? await readSource(join(goFolder, recipe.source.folder)) : [];
  const identity = JSON.stringify([BUILD_GENERATION, process.platform, process.arch, recipe, files]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, DIGEST_LENGTH);
  return `${recipe.version}-${digest}`;
}

async function readSource(folder: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(folder)).filter((name) => /\.go$|^go\.(mod|sum)$/.test(name)).toSorted();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const));
}

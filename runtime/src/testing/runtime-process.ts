import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entrypoint = fileURLToPath(new URL('../main.ts', import.meta.url));

/** The runtime as the image starts it. */
export interface RuntimeProcess {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => void;
  /** The exit code; null when a signal killed it. */
  readonly exited: Promise<number | null>;
}

/** A file with this JSON in a folder of its own. */
export function jsonFile(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sluice-runtime-')), 'file.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** Starts the entrypoint with this environment and nothing else of ours. */
export function startRuntime(command: readonly string[], environment: Readonly<Record<string, string>>): RuntimeProcess {
  const child = spawn(process.execPath, [entrypoint, ...command], { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });
  return {
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    signal: (name) => child.kill(name),
    exited: once(child, 'close').then(([code]) => code as number | null),
  };
}

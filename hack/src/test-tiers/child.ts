import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TierContext } from './tier.ts';

/** Time for a child to end what it started before it is killed. Milliseconds. */
const GRACE_MS = 15_000;
/** Time for the last lines once the group has ended: a process that left it can hold the pipe for ever. Milliseconds. */
const LAST_LINES_MS = 5_000;

/**
 * Runs a program with its output on this terminal, or told line by line; resolves to its exit code. An abort ends it and every process
 * that it started.
 */
export async function runChild(program: string, args: readonly string[], context: TierContext, onLine?: (line: string) => void): Promise<number> {
  context.signal.throwIfAborted();
  const output = onLine === undefined ? 'inherit' : 'pipe';
  // A group of its own, so that the end reaches grandchildren too.
  const child = spawn(program, args, { cwd: context.repository, stdio: ['ignore', output, output], env: { ...process.env, ...context.env }, detached: true });
  const told = Promise.all([child.stdout, child.stderr].map(async (stream) => stream === null || onLine === undefined ? undefined : tellLines(stream, onLine)));
  const killGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has ended.
    }
  };
  let last: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup('SIGTERM');
    last = setTimeout(() => killGroup('SIGKILL'), GRACE_MS);
  };
  context.signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode) => resolve(exitCode ?? 1));
    });
    context.signal.throwIfAborted();
    return code;
  } finally {
    context.signal.removeEventListener('abort', end);
    clearTimeout(last);
    // Whatever the program left behind.
    killGroup('SIGKILL');
    const held = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), LAST_LINES_MS);
    await told;
    clearTimeout(held);
  }
}

async function tellLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  // Also where it is given up before its end, which closes no reader of lines.
  await once(stream, 'close');
}

import { spawn } from 'node:child_process';
import type { TierContext } from './tier.ts';

/** Time for a child to end what it started before it is killed. Milliseconds. */
const GRACE_MS = 15_000;

/** Runs a program with its output on this terminal; resolves to its exit code. An abort ends it and every process that it started. */
export async function runChild(program: string, args: readonly string[], context: TierContext): Promise<number> {
  context.signal.throwIfAborted();
  // A group of its own, so that the end reaches grandchildren too.
  const child = spawn(program, args, { cwd: context.repository, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...context.env }, detached: true });
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
  }
}

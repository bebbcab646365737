import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One command of the runtime of this repository, as the image starts it. */
export interface RuntimeRequest {
  readonly command: 'eval';
  /** All that the process gets; nothing of ours comes with it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told of each line of its standard output. */
  readonly onLine: (line: string) => void;
  /** Asks the process to stop. */
  readonly signal: AbortSignal;
}

export interface RuntimeEnd {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  /** What it said on standard error: the last lines. */
  readonly errorLines: readonly string[];
}

const entrypoint = fileURLToPath(new URL('../../../runtime/src/main.ts', import.meta.url));
/** Milliseconds that a process has to end by itself. */
const patienceMs = 10_000;
const keptLines = 20;

/** Runs the runtime to its end, and does not leave it behind. Rejects when it cannot be started. */
export async function runRuntime({ command, environment, onLine, signal }: RuntimeRequest): Promise<RuntimeEnd> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [entrypoint, command], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const errorLines: string[] = [];
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', (line) => {
    errorLines.push(line);
    if (errorLines.length > keptLines) errorLines.shift();
  });
  const forget = stopWith(child, signal);
  try {
    return { exitCode: await ended(child), errorLines };
  } finally {
    forget();
  }
}

function ended(child: ChildProcessByStdio<null, Readable, Readable>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}

/** Asks the process to end when the signal aborts, and ends it when it does not. */
function stopWith(child: ChildProcessByStdio<null, Readable, Readable>, signal: AbortSignal): () => void {
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    child.kill('SIGTERM');
    timers.push(setTimeout(() => child.kill('SIGKILL'), patienceMs));
  };
  signal.addEventListener('abort', stop, { once: true });
  return () => {
    signal.removeEventListener('abort', stop);
    for (const timer of timers) clearTimeout(timer);
  };
}

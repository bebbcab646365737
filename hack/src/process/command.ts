import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandOptions {
  readonly signal: AbortSignal;
  /** The command is killed after this many milliseconds. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to the command's standard input, which is empty otherwise. */
  readonly input?: string;
  /** Called with each line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/** A command that could not be started, was killed, or ended with another code than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly stderr: string;

  constructor(message: string, stderr: string, options?: ErrorOptions) {
    super(message, options);
    this.stderr = stderr;
  }
}

const STDERR_LINES_KEPT = 40;
const STDERR_LINES_SHOWN = 8;

/** Runs a program to its end and resolves to its standard output. Throws CommandError. */
export async function runCommand(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.any([options.signal, deadline]),
    killSignal: 'SIGKILL',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout: Buffer[] = [];
  const stderr: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr.push(line);
    if (stderr.length > STDERR_LINES_KEPT) stderr.shift();
    options.onErrorLine?.(line);
  });
  // A command that ends without reading its input breaks the pipe: its exit code tells what matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const end = await new Promise<CommandEnd>((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  if (end.code === 0) return Buffer.concat(stdout).toString('utf8');
  options.signal.throwIfAborted();
  const reason = deadline.aborted ? `did not end within ${options.timeoutMs / 1000} s` : explainEnd(end);
  throw new CommandError(describeFailure(program, args, reason, stderr), stderr.join('\n'), { cause: end.error });
}

interface CommandEnd {
  readonly code?: number | null;
  readonly signal?: NodeJS.Signals | null;
  readonly error?: Error;
}

function explainEnd(end: CommandEnd): string {
  if (end.error !== undefined) return `could not be run: ${end.error.message}`;
  return end.signal === undefined || end.signal === null ? `ended with code ${end.code}` : `was ended by ${end.signal}`;
}

function describeFailure(program: string, args: readonly string[], reason: string, stderr: readonly string[]): string {
  const tail = stderr.slice(-STDERR_LINES_SHOWN).join('\n');
  return `${[program, ...args].join(' ')} ${reason}${tail === '' ? '' : `\n${tail}`}`;
}

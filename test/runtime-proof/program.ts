import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

/** A server in a process of its own, on loopback. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from its start until it was ready. */
  readonly readyMs: number;
  /** Exit code; null: a signal ended it. */
  readonly stop: () => Promise<number | null>;
  /** SIGKILL, as a crash would. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

export interface ProgramDefinition {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** All of its environment besides PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
  /** Answers 2xx once it is ready. */
  readonly readyPath: string;
  readonly folder?: string;
  /** Milliseconds until it must be ready. Default: three minutes. */
  readonly readyLimitMs?: number;
  /** Told now and then while it is waited for. */
  readonly onWaiting?: (seconds: number) => void;
}

/** Milliseconds. */
const readyLimit = 180_000;
const probeLimit = 5_000;
const probeEvery = 5;
/** What takes longer is not asked so often, which would take time from it. */
const probeSlowlyAfter = 5_000;
const probeSlowlyEvery = 100;
const toldEvery = 15_000;
const stopLimit = 15_000;
/** Characters of its output that an error tells. */
const toldOutput = 2_000;

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(probeLimit) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  await ended;
  clearTimeout(late);
  return child.exitCode;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Throws when it ends instead, or when `limit` aborts. */
async function becomesReady(child: ChildProcess, { url, readyPath, onWaiting = () => {} }: ProgramDefinition, limit: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  let tellAt = startedAt + toldEvery;
  while (!(await isReady(`${url}${readyPath}`))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    const now = performance.now();
    if (now >= tellAt) {
      onWaiting(Math.round((now - startedAt) / 1_000));
      tellAt += toldEvery;
    }
    await wait(now - startedAt < probeSlowlyAfter ? probeEvery : probeSlowlyEvery, undefined, { signal: limit });
  }
}

/** Starts it and waits until it is ready. Throws with its last output when it ends or is not ready in time. */
export async function startProgram(definition: ProgramDefinition, signal: AbortSignal): Promise<Program> {
  const { name, file, args, environment, url, folder, readyLimitMs = readyLimit } = definition;
  const startedAt = performance.now();
  const child = spawn(file, args, { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'], ...(folder === undefined ? {} : { cwd: folder }) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-toldOutput);
    });
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(readyLimitMs)]);
  try {
    await becomesReady(child, definition, limit);
  } catch (error) {
    await end(child);
    throw new Error(`${name} was not ready: ${error instanceof Error ? error.message : String(error)}\n${output}`, { cause: error });
  }
  return { url, pid: child.pid ?? 0, readyMs: performance.now() - startedAt, stop: async () => await end(child), kill: async () => await kill(child) };
}

import { readFile } from 'node:fs/promises';
import type { Clock } from '../progress/clock.ts';
import type { ProgressStep } from '../progress/progress.ts';
import { ClusterError } from './cluster-error.ts';
import { type ComponentFolders, findComponent, logPath } from './component.ts';

export interface ReadinessOptions {
  readonly folders: ComponentFolders;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly step?: ProgressStep;
}

export interface ReadinessRequest {
  /** What is waited for, as the subject of a sentence: "the API server". */
  readonly what: string;
  /** Components that must run for it; their logs explain a failure. */
  readonly components: readonly string[];
  readonly timeoutMs: number;
  /** Undefined when ready, else why not yet. */
  check(signal: AbortSignal): Promise<string | undefined>;
}

const POLL_MS = 200;
const LOG_LINES_SHOWN = 6;
const LOG_LINES_READ = 200;
const LOG_LINE_LENGTH = 300;

/** Waits until `check` is content. Throws ClusterError with the end of the logs when a component ends or the time is up. */
export async function waitUntilReady(request: ReadinessRequest, options: ReadinessOptions): Promise<void> {
  const deadline = options.clock.monotonicMs() + request.timeoutMs;
  for (;;) {
    const reason = await request.check(options.signal);
    if (reason === undefined) return;
    const dead = await firstDead(request.components, options.folders);
    if (dead !== undefined) throw new ClusterError(`${request.what}: ${dead} ended. ${await explainByLogs([dead], options.folders)}`);
    if (options.clock.monotonicMs() > deadline) {
      const logs = await explainByLogs(request.components, options.folders);
      throw new ClusterError(`${request.what} was not ready within ${request.timeoutMs / 1000} s: ${reason}. ${logs}`);
    }
    options.step?.update(`${request.what}: ${reason}`);
    await options.clock.sleep(POLL_MS, options.signal);
  }
}

async function firstDead(names: readonly string[], folders: ComponentFolders): Promise<string | undefined> {
  for (const name of names) {
    if ((await findComponent(name, folders)) === undefined) return name;
  }
  return undefined;
}

async function explainByLogs(names: readonly string[], folders: ComponentFolders): Promise<string> {
  const tails = await Promise.all(names.map(async (name) => `End of ${logPath(folders, name)}:\n${await logTail(logPath(folders, name))}`));
  return tails.join('\n');
}

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '(no log)');
  return tellingLines(text).map((line) => `  ${line}`).join('\n');
}

/** The lines from the last panic or fatal message on, which the stack after it hides, else the last ones. */
export function tellingLines(log: string): readonly string[] {
  const lines = log.trimEnd().split('\n').slice(-LOG_LINES_READ);
  const death = lines.findLastIndex((line) => /^panic: |^F\d{4} |"level":"(fatal|panic)"/.test(line));
  const from = death === -1 ? lines.slice(-LOG_LINES_SHOWN) : lines.slice(death, death + LOG_LINES_SHOWN);
  return from.map((line) => line.slice(0, LOG_LINE_LENGTH));
}

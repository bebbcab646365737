import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import { BenchError } from '../kube/bench-error.ts';

export interface ChildProgramOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing of this process's own gets in. */
  readonly env: Readonly<Record<string, string>>;
  /** File for its output. */
  readonly log: string;
}

const STOP_GRACE_MS = 20_000;
const READY_POLL_MS = 100;
const PAGE_TIMEOUT_MS = 20_000;
const LOG_LINES_SHOWN = 8;

/** A program that runs beside the benchmark until it is stopped. Ends with the process that started it. */
export class ChildProgram {
  readonly #options: ChildProgramOptions;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(options: ChildProgramOptions) {
    this.#options = options;
    const output = openSync(options.log, 'a');
    this.#child = spawn(options.command, options.args, { stdio: ['ignore', output, output], env: options.env });
    closeSync(output);
    this.#ended = once(this.#child, 'exit').catch(() => undefined);
    process.once('exit', this.#kill);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new BenchError(`${this.#options.name} could not be started: ${this.#options.command}`);
    return pid;
  }

  /** Resolves when it is gone, by whatever. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** Waits until the page answers 200. Throws BenchError with the end of the log when the program ended before. */
  async answers(url: string, { clock, signal, timeoutMs }: { readonly clock: Clock; readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<void> {
    const deadline = clock.monotonicMs() + timeoutMs;
    for (;;) {
      await this.assertRunning();
      const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT_MS)]) }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.status === 200) return;
      signal.throwIfAborted();
      if (clock.monotonicMs() > deadline) throw new BenchError(`${this.#options.name} did not answer on ${url} within ${timeoutMs / 1000} s\n${await this.tail()}`);
      await clock.sleep(READY_POLL_MS, signal);
    }
  }

  async assertRunning(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new BenchError(`${this.#options.name} ended with ${signalCode ?? `code ${exitCode}`}\n${await this.tail()}`);
  }

  /** Asks it to end, and kills it after 20 s. */
  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    this.#child.kill('SIGTERM');
    const timer = setTimeout(this.#kill, STOP_GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** As a crash ends it: nothing is finished. Resolves when it is gone. */
  async kill(): Promise<void> {
    process.off('exit', this.#kill);
    this.#kill();
    await this.#ended;
  }

  readonly #kill = (): void => void this.#child.kill('SIGKILL');

  /** The last lines that it has printed. */
  async tail(): Promise<string> {
    const text = await readFile(this.#options.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  }
}

/** Text of a page of a program under test. Throws BenchError. */
export async function readPage(url: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT_MS)]) });
  if (answer.status !== 200) throw new BenchError(`${url} answers ${answer.status}`);
  return answer.text();
}

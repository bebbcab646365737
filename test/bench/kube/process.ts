import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import { BenchError } from './bench-error.ts';
import { parseReportLine } from './report-lines.ts';
import type { Figures } from './spec.ts';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** For messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The process is killed after this many milliseconds. */
  readonly timeoutMs: number;
  readonly onMark?: (stage: string) => void;
}

export interface Finished {
  readonly figures: Figures;
  /** Milliseconds from just before the process was started. */
  readonly marks: Readonly<Record<string, number>>;
}

const ERROR_LINES_KEPT = 12;

/** A program of the benchmark that runs: a contender, the canned server or the writer. */
export class BenchProcess {
  readonly #options: ProcessOptions;
  readonly #child: ChildProcess;
  readonly #startedMs: number;
  readonly #marks: Record<string, number> = {};
  readonly #errors: string[] = [];
  readonly #ended: Promise<unknown>;
  readonly #ready = Promise.withResolvers<string>();
  #figures: Figures | undefined;
  #failure: Error | undefined;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    const bound = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
    this.#child = spawn(options.command, options.args, { stdio: ['ignore', 'pipe', 'pipe'], signal: bound, killSignal: 'SIGKILL' });
    this.#child.on('error', (error) => void (this.#failure ??= error));
    // The listener must be there before the process can end.
    this.#ended = once(this.#child, 'close').catch(() => undefined);
    if (this.#child.stdout !== null) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    if (this.#child.stderr !== null) createInterface({ input: this.#child.stderr }).on('line', (line) => this.#keep(line));
    this.#ready.promise.catch(() => undefined);
    void this.#ended.then(() => this.#ready.reject(this.#explain()));
  }

  /** The path that the canned server says once it listens. Throws BenchError when the process ends before. */
  kubeconfig(): Promise<string> {
    return this.#ready.promise;
  }

  /** Resolves when the process has ended by itself. Throws BenchError when it failed or gave no figures. */
  async finished(): Promise<Finished> {
    await this.#ended;
    if (this.#child.exitCode !== 0 || this.#figures === undefined || this.#failure !== undefined) throw this.#explain();
    return { figures: this.#figures, marks: this.#marks };
  }

  /** Asks the process to end, and waits for the figures that it then gives. */
  async stop(): Promise<Finished> {
    this.#child.kill('SIGTERM');
    return this.finished();
  }

  #take(line: string): void {
    try {
      const parsed = parseReportLine(line);
      if (parsed.kind === 'figures') {
        this.#figures = parsed.figures;
        return;
      }
      this.#marks[parsed.stage] = this.#options.clock.monotonicMs() - this.#startedMs;
      if (parsed.kubeconfig !== undefined) this.#ready.resolve(parsed.kubeconfig);
      this.#options.onMark?.(parsed.stage);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  #keep(line: string): void {
    this.#errors.push(line);
    if (this.#errors.length > ERROR_LINES_KEPT) this.#errors.shift();
  }

  #explain(): BenchError {
    const { name, timeoutMs } = this.#options;
    const end = this.#child.signalCode ?? `code ${this.#child.exitCode}`;
    const why = this.#failure?.name === 'AbortError' ? `was ended after ${timeoutMs / 1000} s or because the benchmark was stopped` : `ended with ${end}`;
    return new BenchError([`${name} ${why}`, ...this.#errors].join('\n'), { cause: this.#failure });
  }
}

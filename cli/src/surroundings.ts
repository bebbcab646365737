import type { Clock } from '@sluice/kube';
import type { RuntimeEnd, RuntimeRequest } from './eval/runtime-process.ts';
import type { WorkingFiles } from './working-files.ts';

/** Where a command writes. */
export interface Output {
  readonly terminal: 'tty' | 'none';
  /** Characters of a line of the terminal, as it is now; undefined where there is none, or nobody knows. */
  readonly width?: number | undefined;
  write(text: string): void;
}

/** All that a command touches outside itself, the cluster excepted; tests bring their own. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** A name for one wish, never given twice. */
  newRequestId(): string;
  /** The text of a file; "-" is standard input. */
  readFile(path: string): Promise<string>;
  /** The files that a path on the command line stands for: itself, or what its folder holds. */
  manifestFiles(path: string): Promise<readonly string[]>;
  /** The bytes of a file, as they are read. */
  readBytes(path: string): AsyncIterable<Uint8Array>;
  /** What a command writes. */
  readonly files: WorkingFiles;
  /** Runs a command of the runtime of this repository to its end. Rejects when it cannot be started. */
  runRuntime(request: RuntimeRequest): Promise<RuntimeEnd>;
  readonly fetch: typeof globalThis.fetch;
}

export function writeLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(''));
}

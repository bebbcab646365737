import type { Clock } from '@sluice/kube';

/** Where a command writes. */
export interface Output {
  readonly terminal: 'tty' | 'none';
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
}

export function writeLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(''));
}

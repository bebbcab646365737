import type { Environment } from '../config/environment.ts';

/** What a command gets from the process. */
export interface CommandContext {
  readonly environment: Environment;
  /** Writes one line to standard output. */
  readonly print: (line: string) => void;
  /** Writes one line to standard error. */
  readonly printError: (line: string) => void;
  /** Calls `handler` for each SIGTERM or SIGINT; the returned function stops that. */
  readonly onStopSignal: (handler: () => void) => () => void;
}

/** Gives the exit code: 0 or 1. */
export type Command = (context: CommandContext) => Promise<number>;

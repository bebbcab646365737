import type { ExitCode } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';

/** One word after `kubectl sluice`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole help of the command. */
  readonly help: string;
  /** Throws CliError, or KubeError when the cluster can't be asked. */
  run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode>;
}

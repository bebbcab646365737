import { runCommand } from '../process/command.ts';

/** Runs the machine's own short programs: each answers at once or is hung. */
export interface Machine {
  readonly signal: AbortSignal;
  readonly programs: Readonly<Record<'ip' | 'nft' | 'nsenter' | 'unshare' | 'sysctl', string>>;
}

const SHORT_COMMAND_TIMEOUT_MS = 20_000;

export async function runOn(machine: Machine, program: keyof Machine['programs'], args: readonly string[], input = ''): Promise<string> {
  return runCommand(machine.programs[program], args, { signal: machine.signal, timeoutMs: SHORT_COMMAND_TIMEOUT_MS, input });
}

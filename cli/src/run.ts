import type { Command } from './command.ts';
import { failureOf } from './error-sentence.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { diffCommand } from './diff/command.ts';
import { evalCommand } from './eval/command.ts';
import { explainCommand } from './explain/command.ts';
import { historyCommand } from './history/command.ts';
import { askingCommand } from './intents/command.ts';
import { askingCommands } from './intents/verbs.ts';
import { lintCommand } from './lint/command.ts';
import { replayCommand } from './replay/command.ts';
import { statusCommand } from './status/command.ts';
import { type Surroundings, writeLines } from './surroundings.ts';
import { versionCommand } from './version.ts';

export const commands: readonly Command[] = [statusCommand, explainCommand, historyCommand, diffCommand, ...askingCommands.map(askingCommand), lintCommand, evalCommand, replayCommand, versionCommand];

const nameWidth = Math.max(...commands.map(({ name }) => name.length)) + 2;

const overview = `Usage: kubectl sluice COMMAND [options]

Releases of LLM agents: what is live, what is going out, and why it is stopped.

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(nameWidth)}${summary}`).join('\n')}

"kubectl sluice COMMAND --help" explains a command.`;

/** Runs one command line (without the program's own name). Never throws: what went wrong is a sentence on stderr and the exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await dispatch(args, surroundings);
  } catch (error) {
    if (surroundings.signal.aborted) return exitCode.interrupted;
    const failure = failureOf(error);
    writeLines(surroundings.stderr, [`kubectl sluice: ${failure.sentence}`]);
    return failure.exitCode;
  }
}

async function dispatch([word, ...rest]: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const wantsHelp = word === 'help' || isHelp(word);
  const command = commands.find(({ name }) => name === (wantsHelp ? rest[0] : word));
  if (command !== undefined && !wantsHelp && !rest.some((argument) => isHelp(argument))) return command.run(rest, surroundings);
  if (command !== undefined || wantsHelp) {
    writeLines(surroundings.stdout, [command?.help ?? overview]);
    return exitCode.ok;
  }
  writeLines(surroundings.stderr, [word === undefined ? overview : `kubectl sluice: there is no command "${word}"; see: kubectl sluice --help`]);
  return exitCode.usage;
}

function isHelp(argument: string | undefined): boolean {
  return argument === '--help' || argument === '-h';
}

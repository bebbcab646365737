import { ConfigError, sentence } from '../config/config-error.ts';
import { redactText } from '../telemetry/redacted-text.ts';
import type { Command, CommandContext } from './command.ts';

/** Each command is loaded when it is asked for: a health check must not pay for the server. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  worker: async () => (await import('./worker.ts')).worker,
  eval: async () => (await import('./evaluate.ts')).evaluate,
  validate: async () => (await import('./validate.ts')).validate,
  'print-config': async () => (await import('./print-config.ts')).printConfig,
  healthcheck: async () => (await import('./healthcheck.ts')).healthcheck,
};

/** Options that stand for a command, whatever command they are given with. */
const options: Readonly<Record<string, string>> = { '--print-config': 'print-config', '--validate': 'validate' };

const helpWords: ReadonlySet<string> = new Set(['help', '--help', '-h']);

/** Runs what the arguments of the process name, and gives its exit code. What the commands are is told without any configuration. */
export async function runArguments(given: readonly string[], context: CommandContext): Promise<number> {
  if (!asksForHelp(given)) return await runCommand(commandOf(given), context);
  context.print((await import('./help.ts')).helpFor(given));
  return 0;
}

function asksForHelp(given: readonly string[]): boolean {
  return given[0] === 'help' || given.some((argument) => argument.startsWith('-') && helpWords.has(argument));
}

/** Default: to serve. */
function commandOf(given: readonly string[]): string {
  const option = given.find((argument) => Object.hasOwn(options, argument));
  return (option === undefined ? given[0] : options[option]) ?? 'serve';
}

/** Runs a command by its name and gives its exit code. Configuration errors are told in sentences, without a stack. */
async function runCommand(name: string, context: CommandContext): Promise<number> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    context.printError(`There is no command "${name}". Use one of ${Object.keys(commands).join(', ')}; --help explains them.`);
    return 1;
  }
  try {
    return await (await load())(context);
  } catch (error) {
    if (error instanceof ConfigError) for (const problem of error.problems) context.printError(sentence(problem));
    else context.printError(redactText(`${name} failed: ${error instanceof Error ? error.message : 'unknown error'}`, []));
    return 1;
  }
}

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { durationMilliseconds, durationPattern } from '@sluice/crds';
import { CliError } from './cli-error.ts';
import { exitCode } from './exit-code.ts';

export interface CommandLine {
  readonly positionals: readonly string[];
  /** What was written for an option that takes a value; undefined when it was not given. */
  text(option: string): string | undefined;
  /** Every value of an option that may be repeated. */
  texts(option: string): readonly string[];
  has(option: string): boolean;
}

/** Throws CliError (usage) naming the argument that is wrong. `command` is for the sentence. */
export function parseCommandLine(command: string, args: readonly string[], options: ParseArgsOptionsConfig): CommandLine {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const texts = (option: string) => [values[option]].flat().filter((value) => typeof value === 'string');
    return { positionals, texts, text: (option) => texts(option).at(-1), has: (option) => values[option] === true };
  } catch (error) {
    throw usageError(command, firstSentence(error), error);
  }
}

export function usageError(command: string, sentence: string, cause?: unknown): CliError {
  return new CliError(`${sentence}; see: kubectl sluice ${command} --help`, { exitCode: exitCode.usage, cause });
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\. |\n/)[0]?.replace(/\.$/, '') ?? message;
}

const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The one NAME of a command. Throws CliError (usage) when there is none, more than one, or when it can't be a name. */
export function agentNameFrom(command: string, line: CommandLine): string {
  return nameFrom(command, line, { one: 'an AgentDeployment', kind: 'AgentDeployment', word: 'NAME' });
}

export function releaseNameFrom(command: string, line: CommandLine): string {
  return nameFrom(command, line, { one: 'a Release', kind: 'Release', word: 'RELEASE' });
}

function nameFrom(command: string, { positionals }: CommandLine, { one, kind, word }: { readonly one: string; readonly kind: string; readonly word: string }): string {
  const [name, second] = positionals;
  if (name === undefined) throw usageError(command, `${word} is missing: name ${one}`);
  if (second !== undefined) throw usageError(command, `there is more than one ${word} ("${name}", "${second}"): name one ${kind}`);
  if (!objectName.test(name)) throw usageError(command, `"${name}" is no name of ${one}: write lower-case letters, digits and "-"`);
  return name;
}

/** Throws CliError (usage) when the namespace that was written can't be one. */
export function namespaceFrom(command: string, line: CommandLine): string | undefined {
  const namespace = line.text('namespace');
  if (namespace !== undefined && !objectName.test(namespace)) {
    throw usageError(command, `--namespace "${namespace}" is no name of a namespace: write lower-case letters, digits and "-"`);
  }
  return namespace;
}

/** Milliseconds of a span of time; undefined when it was not given. Throws CliError (usage) when it is none, or 0. */
export function spanFrom(command: string, line: CommandLine, option: string): number | undefined {
  const text = line.text(option);
  if (text === undefined) return undefined;
  const milliseconds = durationPattern.test(text) ? durationMilliseconds(text) : 0;
  if (milliseconds === 0) throw usageError(command, `--${option} "${text}" is no span of time: write for example 30s or 2m`);
  return milliseconds;
}

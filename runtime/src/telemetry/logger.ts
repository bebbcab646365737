import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/environment.ts';
import { redactWithin } from './redacted-fields.ts';
import { redactText, struckOut } from './redacted-text.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly revision: string;
  /** `<agent>@<revision>`. */
  readonly policyVersion?: string | undefined;
  /** Values that no line may hold, asked for with each line because keys rotate. */
  readonly secrets: () => readonly string[];
  /** Default: standard output. */
  readonly destination?: DestinationStream | undefined;
}

/** Members that hold prompts, inputs, answers or keys, should one ever be passed to the logger. */
const redacted = ['prompt', 'system', 'messages', 'input', 'answer', 'text', 'content', 'arguments', 'body', 'headers', 'apiKey', 'authorization'];

/** An error as it is logged: no `cause`, no further members, as those of an SDK hold headers and bodies. */
export function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  return { type: error.name, message: error.message, stack: error.stack };
}

/** As JSON has it, and as it is: passwords may hold quotes and backslashes. */
function asWritten(secret: string): readonly string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return escaped === secret ? [secret] : [escaped, secret];
}

/** JSON lines on standard output. Keys, and what looks like a credential, are struck out of every line, wherever they came from. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { service: 'sluice-runtime', revision: options.revision, policy_version: options.policyVersion },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => redactWithin(fields, redacted) },
      serializers: { err: serializeError },
      redact: { paths: redacted, censor: struckOut },
      hooks: { streamWrite: (line) => redactText(line, options.secrets().flatMap(asWritten)) },
    },
    options.destination ?? destination({ dest: 1, sync: true }),
  );
}

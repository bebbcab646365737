import type { Logger } from '../logger.ts';

/** One sentence at a time, as `console` and most loggers take it. */
export interface OperatorLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Warnings and errors to standard error: what goes wrong is seen though nobody gave a logger. */
export function standardErrorLogger(): OperatorLogger {
  const write = (level: string) => (message: string) => void process.stderr.write(`${level}: ${message}\n`);
  return { debug() {}, info() {}, warn: write('warning'), error: write('error') };
}

/** Gives the parts of an operator, which log fields, a logger of sentences. */
export function withFields(logger: OperatorLogger): Logger {
  return {
    debug: (fields, message) => logger.debug(sentence(fields, message)),
    info: (fields, message) => logger.info(sentence(fields, message)),
    warn: (fields, message) => logger.warn(sentence(fields, message)),
    error: (fields, message) => logger.error(sentence(fields, message)),
  };
}

function sentence(fields: object, message: string): string {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${value instanceof Error ? errorText(value) : JSON.stringify(value)}`);
  return details.length === 0 ? message : `${message} (${details.join(', ')})`;
}

function errorText(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${errorText(error.cause)}` : error.message;
}

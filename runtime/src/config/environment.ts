import { durationMilliseconds } from '@sluice/crds';
import { ConfigError, type ConfigProblem } from './config-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Settings of the process. Everything about the agent is in the bundle. */
export interface Settings {
  readonly bundleFile: string;
  readonly revision: string;
  readonly host: string;
  readonly port: number;
  /** Where copies of requests arrive; 0: nowhere. */
  readonly mirrorPort: number;
  readonly logLevel: LogLevel;
  readonly drainTimeoutMilliseconds: number;
}

const defaults = {
  SLUICE_BUNDLE_FILE: '/etc/sluice/bundle/agent.json',
  SLUICE_REVISION: 'unknown',
  SLUICE_HOST: '0.0.0.0',
  SLUICE_PORT: '8080',
  SLUICE_MIRROR_PORT: '8082',
  SLUICE_LOG_LEVEL: 'info',
  SLUICE_DRAIN_TIMEOUT: '25s',
} as const;

type Variable = keyof typeof defaults;

/** A variable that is set to nothing counts as not set: that is what an empty Kubernetes value means. */
function read(environment: Environment, name: Variable): string {
  return environment[name]?.trim() || defaults[name];
}

function parsePort(field: 'SLUICE_PORT' | 'SLUICE_MIRROR_PORT', text: string): number | ConfigProblem {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  return { field, value: text, problem: 'must be a port number', fix: `Set it to a number between 0 and 65535, or remove it for ${defaults[field]}` };
}

function parseLogLevel(text: string): LogLevel | ConfigProblem {
  const level = logLevels.find((known) => known === text.toLowerCase());
  return level ?? { field: 'SLUICE_LOG_LEVEL', value: text, problem: 'is no log level', fix: `Set it to one of ${logLevels.join(', ')}` };
}

function parseDuration(field: Variable, text: string, minimum: number): number | ConfigProblem {
  try {
    const milliseconds = durationMilliseconds(text);
    if (milliseconds >= minimum) return milliseconds;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return { field, value: text, problem: `must be a duration of at least ${minimum}ms`, fix: `Write for example "${defaults[field]}"` };
}

const labelValue = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/;

function parseRevision(text: string): string | ConfigProblem {
  if (labelValue.test(text)) return text;
  return { field: 'SLUICE_REVISION', value: text, problem: 'must consist of letters, digits, "-", "_" and "."', fix: 'The operator sets it to the digest of the revision; by hand, write for example "dev"' };
}

function isProblem(value: unknown): value is ConfigProblem {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

/** Reads the settings. Throws ConfigError with every problem. */
export function readSettings(environment: Environment): Settings {
  const parsed = {
    revision: parseRevision(read(environment, 'SLUICE_REVISION')),
    port: parsePort('SLUICE_PORT', read(environment, 'SLUICE_PORT')),
    mirrorPort: parsePort('SLUICE_MIRROR_PORT', read(environment, 'SLUICE_MIRROR_PORT')),
    logLevel: parseLogLevel(read(environment, 'SLUICE_LOG_LEVEL')),
    drain: parseDuration('SLUICE_DRAIN_TIMEOUT', read(environment, 'SLUICE_DRAIN_TIMEOUT'), 1_000),
  };
  const { revision, port, mirrorPort, logLevel, drain } = parsed;
  if (isProblem(revision) || isProblem(port) || isProblem(mirrorPort) || isProblem(logLevel) || isProblem(drain)) throw new ConfigError(Object.values(parsed).filter(isProblem));
  return {
    bundleFile: read(environment, 'SLUICE_BUNDLE_FILE'),
    host: read(environment, 'SLUICE_HOST'),
    revision,
    port,
    mirrorPort,
    logLevel,
    drainTimeoutMilliseconds: drain,
  };
}

import { durationMilliseconds } from '@sluice/crds';
import { z } from 'zod';
import type { MlflowEndpoint } from './evaluation/index.ts';
import type { PrometheusEndpoint } from './evidence/index.ts';

/** The operator could not start; the message names the variable, the value and the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const namespaces = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''))
  .refine((names) => names.every((name) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)), 'must be a comma-separated list of namespaces, for example "shop,support"; leave it empty for all');

/** Not set and empty are the same: a chart sets what it has no value for to nothing. */
const optionalText = z.string().default('').transform((text) => (text === '' ? undefined : text));

function serverUrl({ example, login }: { readonly example: string; readonly login: string }) {
  return optionalText
    .refine((text) => text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? ''), `must be an http or https URL, for example "${example}"`)
    .refine((text) => text === undefined || (URL.parse(text)?.username ?? '') + (URL.parse(text)?.password ?? '') === '', `must hold no user and password: ${login}`)
    .refine((text) => text === undefined || (URL.parse(text)?.search ?? '') + (URL.parse(text)?.hash ?? '') === '', 'must have no query and no fragment');
}

const prometheusUrl = serverUrl({ example: 'https://prometheus.monitoring:9090', login: 'put a token into the file of SLUICE_PROMETHEUS_BEARER_TOKEN_FILE' });
const mlflowUrl = serverUrl({ example: 'https://mlflow.tracking:5000', login: 'put them into files of the folder SLUICE_MLFLOW_LOGIN_FOLDER' });

const timeoutProblem = 'must be a duration between 100ms and 1m, for example "10s"';
const queryTimeout = z.string().default('10s').transform((text, context) => {
  const milliseconds = millisecondsOf(text);
  if (milliseconds !== undefined && milliseconds >= 100 && milliseconds <= 60_000) return milliseconds;
  context.addIssue({ code: 'custom', message: timeoutProblem });
  return z.NEVER;
});

function millisecondsOf(text: string): number | undefined {
  try {
    return durationMilliseconds(text);
  } catch {
    return undefined;
  }
}

const environment = z.object({
  SLUICE_WATCH_NAMESPACES: namespaces,
  SLUICE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
  SLUICE_HOST: z.string().min(1).default('0.0.0.0'),
  SLUICE_PORT: z.coerce.number('must be a port number').int('must be a port number').min(1, 'must be between 1 and 65535').max(65_535, 'must be between 1 and 65535').default(8081),
  SLUICE_CONCURRENCY: z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be at least 1').max(256, 'must be at most 256').default(32),
  SLUICE_MAX_STARTING_RELEASES: z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be at least 1').max(10_000, 'must be at most 10000').default(100),
  SLUICE_RUNTIME_IMAGE: z.string().optional(),
  SLUICE_SHARD: z.string().regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/, 'must be a value of the label sluice.dev/shard in lower case, for example "blue"; leave it empty for the agents without the label').max(40, 'must have at most 40 characters').default(''),
  SLUICE_WATCH_SECRETS: z.enum(['true', 'false'], 'must be true or false').default('true'),
  SLUICE_PROMETHEUS_URL: prometheusUrl,
  SLUICE_PROMETHEUS_BEARER_TOKEN_FILE: optionalText,
  SLUICE_PROMETHEUS_CA_FILE: optionalText,
  SLUICE_PROMETHEUS_TIMEOUT: queryTimeout,
  SLUICE_MLFLOW_URL: mlflowUrl,
  SLUICE_MLFLOW_LOGIN_FOLDER: optionalText,
  SLUICE_MLFLOW_CA_FILE: optionalText,
  SLUICE_LEASE_NAME: z.string().min(1).default('sluice-operator'),
  POD_NAME: z.string().min(1, 'must be the name of the pod, or not be set').optional(),
  POD_NAMESPACE: z.string('must be set to the namespace that the operator runs in').min(1),
});

export interface OperatorConfig {
  /** [''] for all namespaces. */
  readonly namespaces: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly host: string;
  readonly port: number;
  /** Agents that are reconciled at a time. */
  readonly concurrency: number;
  /** Releases that may bring up their first pods at once. */
  readonly maxStartingReleases: number;
  /** The runtime image of agents that name none. */
  readonly defaultImage?: string;
  /** Whether metadata of Secrets is followed, to notice that one was rotated; what is in them is never read. */
  readonly secrets: 'Watched' | 'NotWatched';
  /** The agents with this value of the label sluice.dev/shard; not set: those without the label. */
  readonly shard?: string;
  /** For gates whose source is Prometheus; not set: there is none. */
  readonly prometheus?: PrometheusEndpoint;
  /** Where ended evaluations are told; not set: nowhere. */
  readonly mlflow?: MlflowEndpoint;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Who holds the lease and reports events: a name that no other process has. */
  readonly identity: string;
}

export interface ConfigSurroundings {
  /** Who this is where no POD_NAME says it. */
  readonly processIdentity: string;
}

/** Reads the configuration from environment variables. Throws ConfigError with a line for each wrong one. */
export function readConfig(env: Readonly<Record<string, string | undefined>>, { processIdentity }: ConfigSurroundings): OperatorConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message} (now ${shown(withoutCredentials(env[String(issue.path[0])]))})`).join('\n'));
  }
  const values = parsed.data;
  const shard = values.SLUICE_SHARD;
  return {
    namespaces: values.SLUICE_WATCH_NAMESPACES.length === 0 ? [''] : values.SLUICE_WATCH_NAMESPACES,
    logLevel: values.SLUICE_LOG_LEVEL,
    host: values.SLUICE_HOST,
    port: values.SLUICE_PORT,
    concurrency: values.SLUICE_CONCURRENCY,
    maxStartingReleases: values.SLUICE_MAX_STARTING_RELEASES,
    ...(values.SLUICE_RUNTIME_IMAGE ? { defaultImage: values.SLUICE_RUNTIME_IMAGE } : {}),
    secrets: values.SLUICE_WATCH_SECRETS === 'true' ? 'Watched' : 'NotWatched',
    ...(shard === '' ? {} : { shard }),
    ...prometheusOf(values),
    ...mlflowOf(values),
    // Shards in one namespace lead beside each other.
    lease: { namespace: values.POD_NAMESPACE, name: shard === '' ? values.SLUICE_LEASE_NAME : `${values.SLUICE_LEASE_NAME}-${shard}` },
    identity: values.POD_NAME ?? processIdentity,
  };
}

function prometheusOf(values: z.infer<typeof environment>): Pick<OperatorConfig, 'prometheus'> {
  const { SLUICE_PROMETHEUS_URL: url, SLUICE_PROMETHEUS_BEARER_TOKEN_FILE: bearerTokenFile, SLUICE_PROMETHEUS_CA_FILE: caFile, SLUICE_PROMETHEUS_TIMEOUT: timeoutMs } = values;
  return url === undefined ? {} : { prometheus: { url, timeoutMs, ...(bearerTokenFile === undefined ? {} : { bearerTokenFile }), ...(caFile === undefined ? {} : { caFile }) } };
}

function mlflowOf({ SLUICE_MLFLOW_URL: url, SLUICE_MLFLOW_LOGIN_FOLDER: loginFolder, SLUICE_MLFLOW_CA_FILE: caFile }: z.infer<typeof environment>): Pick<OperatorConfig, 'mlflow'> {
  return url === undefined ? {} : { mlflow: { url: url.replace(/\/+$/, ''), ...(loginFolder === undefined ? {} : { loginFolder }), ...(caFile === undefined ? {} : { caFile }) } };
}

/** What stands before the @ of an address is struck out. */
function withoutCredentials(value: string | undefined): string | undefined {
  return value?.replace(/\/\/[^/@]*@/g, '//***@');
}

function shown(value: string | undefined): string {
  return value === undefined ? 'not set' : `"${value}"`;
}

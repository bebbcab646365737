import { z } from 'zod';

/** The operator could not start; the message names the variable, the value and the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const namespaces = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''))
  .refine((names) => names.every((name) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)), 'must be a comma-separated list of namespaces, for example "shop,support"; leave it empty for all');

const environment = z.object({
  SLUICE_WATCH_NAMESPACES: namespaces,
  SLUICE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
  SLUICE_HOST: z.string().min(1).default('0.0.0.0'),
  SLUICE_PORT: z.coerce.number('must be a port number').int('must be a port number').min(1, 'must be between 1 and 65535').max(65_535, 'must be between 1 and 65535').default(8081),
  SLUICE_CONCURRENCY: z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be at least 1').max(256, 'must be at most 256').default(32),
  SLUICE_RUNTIME_IMAGE: z.string().optional(),
  SLUICE_SHARD: z.string().regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/, 'must be a value of the label sluice.dev/shard in lower case, for example "blue"; leave it empty for the agents without the label').max(40, 'must have at most 40 characters').default(''),
  SLUICE_WATCH_SECRETS: z.enum(['true', 'false'], 'must be true or false').default('true'),
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
  /** The runtime image of agents that name none. */
  readonly defaultImage?: string;
  /** Whether metadata of Secrets is followed, to notice that one was rotated; what is in them is never read. */
  readonly secrets: 'Watched' | 'NotWatched';
  /** The agents with this value of the label sluice.dev/shard; not set: those without the label. */
  readonly shard?: string;
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
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message} (now ${shown(env[String(issue.path[0])])})`).join('\n'));
  }
  const values = parsed.data;
  const shard = values.SLUICE_SHARD;
  return {
    namespaces: values.SLUICE_WATCH_NAMESPACES.length === 0 ? [''] : values.SLUICE_WATCH_NAMESPACES,
    logLevel: values.SLUICE_LOG_LEVEL,
    host: values.SLUICE_HOST,
    port: values.SLUICE_PORT,
    concurrency: values.SLUICE_CONCURRENCY,
    ...(values.SLUICE_RUNTIME_IMAGE ? { defaultImage: values.SLUICE_RUNTIME_IMAGE } : {}),
    secrets: values.SLUICE_WATCH_SECRETS === 'true' ? 'Watched' : 'NotWatched',
    ...(shard === '' ? {} : { shard }),
    // Shards in one namespace lead beside each other.
    lease: { namespace: values.POD_NAMESPACE, name: shard === '' ? values.SLUICE_LEASE_NAME : `${values.SLUICE_LEASE_NAME}-${shard}` },
    identity: values.POD_NAME ?? processIdentity,
  };
}

function shown(value: string | undefined): string {
  return value === undefined ? 'not set' : `"${value}"`;
}

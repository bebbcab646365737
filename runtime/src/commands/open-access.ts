import type { AgentBundle } from '@sluice/crds';
import type { Logger } from 'pino';
import { openAccessFile } from '../config/access-settings.ts';
import { namedBy, readAnonymousAccess } from '../config/anonymous-access.ts';
import type { Environment } from '../config/environment.ts';
import { readTokenReviews } from '../config/token-reviews.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import type { Access } from '../server/access/access.ts';
import { noAccess } from '../server/access/no-access.ts';
import { openAccess } from '../server/access/open-access.ts';
import { type ClusterPlace, withPinnedAccess } from '../server/access/pinned-access.ts';

/** Kubernetes tells each container where its API server is; the name in its certificate is there for others. */
function clusterPlace(environment: Environment): ClusterPlace {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443', SLUICE_CLUSTER_DIR: folder } = environment;
  const server = host === undefined || host === '' ? 'kubernetes.default.svc' : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { folder: folder?.trim() || undefined, server: `https://${server}`, reviews: readTokenReviews(environment) };
}

/** Who may ask where neither the bundle nor a file names anybody: nobody, unless it is said that everybody may. */
function withoutNames(anonymous: 'Allowed' | 'Denied', logger: Logger): Access {
  if (anonymous === 'Allowed') {
    logger.warn('whoever reaches this agent may ask it, as one anonymous caller without roles (spec.access.anonymous or SLUICE_ANONYMOUS_ACCESS is Allowed)');
    return openAccess;
  }
  logger.warn('nobody may ask this agent: set spec.access, or by hand SLUICE_ACCESS_FILE, to say who may; spec.access.anonymous or SLUICE_ANONYMOUS_ACCESS set to Allowed lets in whoever reaches it');
  return noAccess;
}

/** Who may ask, by the bundle, the file that SLUICE_ACCESS_FILE names and SLUICE_ANONYMOUS_ACCESS. What checks tokens is loaded only where somebody is named. Throws ConfigError. */
export async function accessOf(environment: Environment, { access }: Pick<AgentBundle, 'access'>, logger: Logger): Promise<Access> {
  const file = openAccessFile(environment);
  const anonymous = readAnonymousAccess(environment, namedBy({ file, access }));
  const read = withPinnedAccess(file, access, clusterPlace(environment));
  if (read === undefined) return withoutNames(anonymous, logger);
  const { createClosedAccess } = await import('../server/access/closed-access.ts');
  const onError = (error: unknown): void => logger.error({ err: error }, 'the access file cannot be used; what it held before stays in force');
  return createClosedAccess({ read, clock: systemClock, wallClock: systemWallClock, onError });
}

import type { AgentBundle } from '@sluice/crds';
import type { Logger } from 'pino';
import { openAccessFile } from '../config/access-settings.ts';
import type { Environment } from '../config/environment.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import type { Access } from '../server/access/access.ts';
import { openAccess } from '../server/access/open-access.ts';
import { type ClusterPlace, withPinnedAccess } from '../server/access/pinned-access.ts';

/** Kubernetes tells each container where its API server is; the name in its certificate is there for others. */
function clusterPlace(environment: Environment): ClusterPlace {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443', SLUICE_CLUSTER_DIR: folder } = environment;
  const server = host === undefined || host === '' ? 'kubernetes.default.svc' : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { folder: folder?.trim() || undefined, server: `https://${server}` };
}

/** Who may ask, by the bundle and the file that SLUICE_ACCESS_FILE names, or everybody. What checks tokens is loaded only where there is either. Throws ConfigError. */
export async function accessOf(environment: Environment, { access }: Pick<AgentBundle, 'access'>, logger: Logger): Promise<Access> {
  const read = withPinnedAccess(openAccessFile(environment), access, clusterPlace(environment));
  if (read === undefined) {
    logger.warn('whoever reaches this agent may ask it, as one anonymous caller without roles: set spec.access or SLUICE_ACCESS_FILE unless a gateway tells callers apart');
    return openAccess;
  }
  const { createClosedAccess } = await import('../server/access/closed-access.ts');
  const onError = (error: unknown): void => logger.error({ err: error }, 'the access file cannot be used; what it held before stays in force');
  return createClosedAccess({ read, clock: systemClock, wallClock: systemWallClock, onError });
}

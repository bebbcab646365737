import type { CallbackHost } from '@sluice/crds';
import { isAllowedHost } from '../../egress/host-pattern.ts';
import type { EgressPolicy } from '../../egress/policy.ts';

/** Of a URL without one. */
const httpsPort = 443;

function hostsAt(url: URL, hosts: readonly CallbackHost[]): readonly string[] {
  const port = url.port === '' ? httpsPort : Number(url.port);
  return hosts.filter((host) => host.port === port).map(({ pattern }) => pattern);
}

/** Why nobody is called back at this URL; undefined when it may be. Other ports of an allowed host are other servers. */
export function targetProblem(url: URL, hosts: readonly CallbackHost[]): string | undefined {
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return 'it must be an https URL without credentials';
  if (isAllowedHost(url, hostsAt(url, hosts))) return undefined;
  return `${url.host} is none of the hosts that this agent may call back; a host that is allowed without a port is so at port ${httpsPort} alone (spec.jobs.callbacks.hosts, SLUICE_CALLBACK_HOSTS)`;
}

/** Where a callback to this URL may go: there. */
export function callbackEgress(url: URL, hosts: readonly CallbackHost[]): EgressPolicy {
  return { allowedHosts: hostsAt(url, hosts), ownPort: url.port };
}

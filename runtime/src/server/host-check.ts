import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AllowedHosts } from '../config/allowed-hosts.ts';
import { Forbidden } from './request-problems.ts';

/** Names of Services end like this in any cluster with the usual domain. Nobody can register them. */
const clusterSuffixes = ['.svc', '.svc.cluster.local', '.localhost'];

/** A name that no page on the Internet can be served under and resolve to this server: an address, a name without a dot, a Service. */
function isLocalName(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 || !bare.includes('.') || clusterSuffixes.some((suffix) => bare.endsWith(suffix));
}

/** The name in a Host header, lower-case and without its port; undefined for what is none. */
function nameIn(header: string | undefined): string | undefined {
  return header === undefined ? undefined : URL.parse(`http://${header}/`)?.hostname.replace(/\.$/, '');
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

function isAllowed({ headers, socket }: FastifyRequest, { names, of }: AllowedHosts): boolean {
  if (names.includes('*') || (of === 'loopback' && !loopback.has(socket.remoteAddress ?? ''))) return true;
  const name = nameIn(headers.host);
  return name !== undefined && (isLocalName(name) || names.includes(name));
}

/**
 * For an agent that everybody may ask: a page that has made a name of its own resolve to this server would ask with the reader's place in the network, and to
 * its browser it were the page's own server, so that neither CORS nor `Origin` would keep it out. Its name gives it away.
 */
export function addHostCheck(app: FastifyInstance, allowed: AllowedHosts): void {
  app.addHook('onRequest', async (request) => {
    if (isAllowed(request, allowed)) return;
    throw new Forbidden('Everybody may ask this agent, and not under this name, which a web page may have chosen; if it is one of the agent, add it to SLUICE_ALLOWED_HOSTS', 'Host');
  });
}

import { classify } from './address-class.ts';
import { isAllowedHost } from './host-pattern.ts';
import { isWithin, parseIp, parseNetwork } from './ip-address.ts';

/** Where one tool may connect to. */
export interface EgressPolicy {
  /** Hosts without ports; "*.example.com" stands for the names below example.com. */
  readonly allowedHosts: readonly string[];
  /** Private networks, as CIDRs, that names other than those of the cluster may resolve into. */
  readonly allowedNetworks?: readonly string[] | undefined;
  /** The port of the tool's own URL; empty for the default port of its scheme. */
  readonly ownPort: string;
}

/** Why a tool may not send a request to this URL; undefined when it may. Applied to the first URL and to every redirect. */
export function refusal(url: URL, { allowedHosts, ownPort }: EgressPolicy): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `the scheme ${url.protocol.slice(0, -1)} is not allowed`;
  if (url.username !== '' || url.password !== '') return 'a URL with credentials is not allowed';
  if (!isAllowedHost(url, allowedHosts)) return `the host ${url.hostname} is not on the allow-list of the tool`;
  // A URL has no port when it is the default one of its scheme. Other ports of an allowed host are other servers.
  if (url.port !== '' && url.port !== ownPort) return `the port ${url.port} of ${url.hostname} is not allowed, only that of the tool's own URL and the default one of the scheme`;
  return undefined;
}

/** Names that no outsider can register, so that who wrote them meant the cluster: single labels, Services, RFC 6762, RFC 8375 and ".internal". */
const clusterName = /^[^.]+$|\.(svc|cluster\.local|local|internal|home\.arpa)$/;

function isOpenNetwork(address: string, networks: readonly string[]): boolean {
  const parsed = parseIp(address);
  return parsed !== undefined && networks.some((cidr) => {
    const network = parseNetwork(cidr);
    return network !== undefined && isWithin(parsed, network);
  });
}

/**
 * Why `address`, to which `host` of the allow-list resolved, may not be dialled; undefined when it may.
 * A private address needs a name of the cluster, an entry of its own in the allow-list, or an allowed network,
 * because whoever owns a public name decides what it resolves to.
 */
export function dialRefusal(host: string, address: string, { allowedNetworks = [] }: Pick<EgressPolicy, 'allowedNetworks'>): string | undefined {
  const parsed = parseIp(address);
  const kind = parsed === undefined ? 'closed' : classify(parsed);
  if (kind === 'public') return undefined;
  if (kind === 'closed') return `the host ${host} leads to an address that no tool may reach`;
  if (parseIp(host) !== undefined || isOpenNetwork(address, allowedNetworks)) return undefined;
  const named = kind === 'loopback' ? host === 'localhost' : host !== 'localhost' && clusterName.test(host);
  return named ? undefined : `the host ${host} leads to a ${kind} address, which its name may not without an entry in allowedNetworks`;
}

import { BlockList, isIP } from 'node:net';
import { parseCallbackHost, type AgentBundle, type AgentDeployment } from '@sluice/crds';
import { invalidSpec, shown } from './error.ts';
import { httpPort } from './pod-names.ts';

/** Where the pods of a revision may connect to over TCP, besides DNS. */
export interface EgressRule {
  readonly cidr: string;
  /** Parts of `cidr` that stay closed. */
  readonly except: readonly string[];
  /** Ascending, each once. */
  readonly ports: readonly number[];
}

/** What names servers that are not in the bundle. */
type Servers = Pick<AgentDeployment['spec'], 'state' | 'jobs'>;

type Family = 'ipv4' | 'ipv6';

interface Cidr {
  readonly network: string;
  readonly prefix: number;
  readonly family: Family;
}

/** Addresses of cloud metadata services, which hand out the node's credentials; fd00:ec2::254 is Amazon's over IPv6. */
const metadataAddresses: readonly Cidr[] = [
  { network: '169.254.0.0', prefix: 16, family: 'ipv4' },
  { network: 'fe80::', prefix: 10, family: 'ipv6' },
  { network: 'fd00:ec2::254', prefix: 128, family: 'ipv6' },
];

const anyAddress: readonly string[] = ['0.0.0.0/0', '::/0'];

/**
 * The rules of `spec.network.egress`, or without them the ports of whatever the agent connects to, at any address.
 * A CIDR that holds more than metadata addresses is opened without them; to reach them a rule must name them alone.
 * Throws RevisionError (InvalidSpec) when a CIDR is none.
 */
export function renderEgress(network: AgentDeployment['spec']['network'], bundle: AgentBundle, servers: Servers = {}): EgressRule[] {
  const wanted = network?.egress ?? anyAddress.map((cidr) => ({ cidr, ports: [...destinationPorts(bundle), ...serverPorts(servers)] }));
  return wanted
    .map(({ cidr, ports }, index) => ({ cidr, except: exceptions(parseCidr(cidr, index)), ports: ascending(ports) }))
    .toSorted((left, right) => compare(sortKey(left), sortKey(right)));
}

function destinationPorts(bundle: AgentBundle): number[] {
  const { provider, fallbacks = [], tiers = [] } = bundle.model;
  const providers = [provider, ...[...fallbacks, ...tiers].map((each) => each.provider)];
  const tokens = (bundle.credentials ?? []).map(({ oauth }) => oauth);
  const urls = [...bundle.tools.flatMap(({ http, mcp }) => [http, mcp]), ...tokens, ...(bundle.openapi ?? [])].flatMap((target) => (target === undefined ? [] : [target.url]));
  return [...providers.map(({ endpoint }) => (endpoint === undefined ? 443 : portOf(endpoint))), ...urls.map(portOf), ...siblingPorts(bundle), ...issuerPorts(bundle)];
}

/** Network plugins look at the port of the Service or at that of the pod behind it, so both are open. */
function siblingPorts({ interfaces }: AgentBundle): number[] {
  const { siblings = [] } = interfaces ?? {};
  return siblings.flatMap(({ url }) => [portOf(url), httpPort]);
}

/** Of the API server as its Service has it, and as the servers behind it mostly do. */
const apiServerPorts = [443, 6443];

function issuerPorts({ access }: AgentBundle): number[] {
  const { issuers = [], serviceAccounts } = access ?? {};
  return [...issuers.map(({ jwksUri }) => portOf(jwksUri)), ...(serviceAccounts === undefined ? [] : apiServerPorts)];
}

function serverPorts({ state, jobs }: Servers): number[] {
  const { postgres, redis } = state ?? {};
  const callbacks = (jobs?.callbacks?.hosts ?? []).flatMap((host) => parseCallbackHost(host)?.port ?? []);
  return [...[postgres, redis].flatMap((server) => (server === undefined ? [] : [server.port])), ...callbacks];
}

function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  if (port !== '') return Number(port);
  return protocol === 'http:' ? 80 : 443;
}

function parseCidr(text: string, index: number): Cidr {
  const [network = '', prefix = '', ...rest] = text.split('/');
  const version = isIP(network);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || !/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > bits) {
    throw invalidSpec(`spec.network.egress[${index}].cidr`, `is ${shown(text)}: write a CIDR, for example "10.20.0.0/16"`);
  }
  return { network, prefix: Number(prefix), family: version === 4 ? 'ipv4' : 'ipv6' };
}

function exceptions(outer: Cidr): string[] {
  const range = new BlockList();
  range.addSubnet(outer.network, outer.prefix, outer.family);
  return metadataAddresses.filter((inner) => inner.family === outer.family && inner.prefix > outer.prefix && range.check(inner.network, inner.family)).map(({ network, prefix }) => `${network}/${prefix}`);
}

function ascending(ports: readonly number[]): number[] {
  return [...new Set(ports)].toSorted((left, right) => left - right);
}

function sortKey(rule: EgressRule): string {
  return `${rule.cidr} ${rule.ports.join(',')}`;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

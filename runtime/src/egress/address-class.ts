import { isWithin, parseNetwork, type IpAddress, type IpNetwork } from './ip-address.ts';

/**
 * `public`: anybody's. `private`: of the cluster or of the company. `loopback`: this pod.
 * `closed`: no tool may go there, whatever a bundle says: metadata services, link-local, multicast, reserved.
 */
export type AddressClass = 'public' | 'private' | 'loopback' | 'closed';

interface Range {
  readonly network: IpNetwork;
  readonly class: AddressClass;
}

function range(cidr: string, kind: AddressClass): Range {
  const network = parseNetwork(cidr);
  if (network === undefined) throw new TypeError(`${cidr} is no network`);
  return { network, class: kind };
}

/** The first that fits counts. Sources: IANA special-purpose address registries (RFC 6890 and its updates), documentation of the clouds. */
const ranges: readonly Range[] = [
  range('100.100.100.200/32', 'closed'), // metadata of Alibaba Cloud
  range('168.63.129.16/32', 'closed'), // the wire server of Azure, a public address
  range('192.0.0.0/24', 'closed'), // protocol assignments; 192.0.0.192 is metadata of Oracle Cloud
  range('0.0.0.0/8', 'closed'),
  range('169.254.0.0/16', 'closed'), // link-local; most metadata services
  range('192.0.2.0/24', 'closed'),
  range('192.88.99.0/24', 'closed'),
  range('198.51.100.0/24', 'closed'),
  range('203.0.113.0/24', 'closed'),
  range('224.0.0.0/3', 'closed'), // multicast, reserved, broadcast
  range('127.0.0.0/8', 'loopback'),
  range('10.0.0.0/8', 'private'),
  range('100.64.0.0/10', 'private'), // pods and Services of several managed clusters
  range('172.16.0.0/12', 'private'),
  range('192.168.0.0/16', 'private'),
  range('198.18.0.0/15', 'private'),
  range('0.0.0.0/0', 'public'),
  range('fd00:ec2::/32', 'closed'), // metadata, DNS and time of Amazon
  range('fd20:ce::254/128', 'closed'), // metadata of Google Cloud
  range('::1/128', 'loopback'),
  range('fc00::/7', 'private'),
  range('2001::/23', 'closed'), // protocol assignments, Teredo
  range('2001:db8::/32', 'closed'),
  range('2002::/16', 'closed'), // 6to4
  range('3fff::/20', 'closed'),
  range('2000::/3', 'public'),
  range('::/0', 'closed'),
];

/** Where an IPv6 address ends in an IPv4 address that is dialled in its place: mapped addresses and NAT64. */
const carriers: readonly IpNetwork[] = [range('::ffff:0:0/96', 'closed').network, range('64:ff9b::/96', 'closed').network];

function carried(address: IpAddress): IpAddress | undefined {
  return carriers.some((network) => isWithin(address, network)) ? { family: 4, bits: address.bits & 0xffff_ffffn } : undefined;
}

/** The interface identifier of ISATAP ends in 5efe and an IPv4 address. */
function isIsatap({ family, bits }: IpAddress): boolean {
  return family === 6 && ((bits >> 32n) & 0xfdff_ffffn) === 0x5efen;
}

/** What an address is; an IPv4 address inside of an IPv6 address is judged as such. */
export function classify(address: IpAddress): AddressClass {
  const inner = carried(address);
  if (inner !== undefined) return classify(inner);
  if (isIsatap(address)) return 'closed';
  return ranges.find(({ network }) => isWithin(address, network))?.class ?? 'closed';
}

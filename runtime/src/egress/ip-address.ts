import { isIP } from 'node:net';

/** An IP address as a number of 32 or 128 bits. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** All addresses that begin with the first `prefix` bits of `bits`. */
export interface IpNetwork extends IpAddress {
  readonly prefix: number;
}

function ipv4Bits(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

/** The last two groups of an IPv6 address may be written as an IPv4 address. */
function groupBits(text: string): readonly bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const bits = ipv4Bits(group);
    return [bits >> 16n, bits & 0xffffn];
  });
}

function ipv6Bits(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const left = groupBits(head);
  const right = groupBits(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: gap }, () => 0n), ...right].reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** An address as a resolver or a URL writes it, brackets or not; undefined for anything else, zone ids included. */
export function parseIp(text: string): IpAddress | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const family = isIP(bare);
  if (family === 4) return { family, bits: ipv4Bits(bare) };
  return family === 6 && !bare.includes('%') ? { family, bits: ipv6Bits(bare) } : undefined;
}

/** A network such as "10.20.0.0/16"; undefined when the text is none. Bits behind the prefix do not count. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const parsed = parseIp(address);
  if (parsed === undefined || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const prefix = Number(length);
  return prefix <= (parsed.family === 4 ? 32 : 128) ? { ...parsed, prefix } : undefined;
}

export function isWithin(address: IpAddress, network: IpNetwork): boolean {
  if (address.family !== network.family) return false;
  const behind = BigInt((network.family === 4 ? 32 : 128) - network.prefix);
  return address.bits >> behind === network.bits >> behind;
}

import { type NodeAddresses, nodeAddresses, SLOT_COUNT } from './addresses.ts';

/** What of the machine's network is in use. */
export interface NetworkInUse {
  /** Destinations of IPv4 routes: `10.1.0.0/16`, `10.1.2.3`, `default`. */
  readonly routes: readonly string[];
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
}

export type SlotVerdict = { readonly free: true } | { readonly free: false; readonly reason: string };

/** Slots whose names and address ranges nothing on the machine uses, lowest first. */
export function freeSlots(inUse: NetworkInUse): readonly number[] {
  return Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => judgeSlot(slot, inUse).free);
}

/** Whether a node can be made in the slot; when not, what is in the way. */
export function judgeSlot(slot: number, inUse: NetworkInUse): SlotVerdict {
  const addresses = nodeAddresses(slot);
  if (inUse.namespaces.includes(addresses.namespace)) return { free: false, reason: `network namespace ${addresses.namespace} exists` };
  if (inUse.links.includes(addresses.hostLink)) return { free: false, reason: `link ${addresses.hostLink} exists` };
  const clash = inUse.routes.find((route) => slotRanges(addresses).some((range) => overlaps(range, route)));
  return clash === undefined ? { free: true } : { free: false, reason: `route ${clash} covers its addresses` };
}

/** Whether two IPv4 ranges in CIDR notation share an address; a plain address is a range of one, `default` overlaps nothing. */
export function overlaps(a: string, b: string): boolean {
  const [left, right] = [parseRange(a), parseRange(b)];
  if (left === undefined || right === undefined) return false;
  return left.first <= right.last && right.first <= left.last;
}

function slotRanges(addresses: NodeAddresses): readonly string[] {
  return [addresses.nodeRange, addresses.podRange, addresses.serviceRange];
}

interface AddressRange {
  readonly first: number;
  readonly last: number;
}

const ADDRESS_BITS = 32;

function parseRange(text: string): AddressRange | undefined {
  const [address = '', prefix = String(ADDRESS_BITS)] = text.split('/');
  const octets = address.split('.').map(Number);
  if (octets.length > 4 || octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255)) return undefined;
  const value = [0, 1, 2, 3].reduce((sum, index) => sum * 256 + (octets[index] ?? 0), 0);
  const size = 2 ** (ADDRESS_BITS - Number(prefix));
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}

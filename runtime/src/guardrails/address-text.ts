import { isIPv6 } from 'node:net';

/** Where addresses of hosts begin: global ones, unique local, link local, multicast. Names of programs (`cafe::feed`) rarely do. */
const firstGroup = /^(?:[23][0-9a-f]{3}|f[c-f][0-9a-f]{2})$/i;

function isIPv4(text: string): boolean {
  return text.split('.').every((part) => Number(part) <= 255);
}

/** A group of two or of three that could be a path in a program, a time or a ratio is none. */
function isLikelyIPv6(text: string): boolean {
  const groups = text.split(':').filter((group) => group !== '');
  return /[0-9]/.test(text) && (text === '::1' || groups.length >= 3 || text.includes('.') || firstGroup.test(groups[0] ?? ''));
}

/** How many characters of the match are an address. One colon at the end belongs to the sentence; eight groups amid others are a fingerprint. */
export function addressLength(match: string, before: string): number {
  if (!match.includes(':')) return isIPv4(match) ? match.length : 0;
  const text = /[^:]:$/.test(match) ? match.slice(0, -1) : match;
  if (!isIPv6(text) || !isLikelyIPv6(text) || (before === ':' && !text.includes('::'))) return 0;
  return text.length;
}

import type { Random } from '@sluice/kube';

export interface ProcessTraits {
  readonly hostname: string;
  readonly pid: number;
  readonly random: Random;
}

/** Longest part of a host name that is kept, characters: an event's reportingInstance holds 128 in all. */
const maxHostname = 63;
/** Size of the space that the suffix is drawn from: eight characters of base 36. */
const suffixes = 36 ** 8;

/**
 * A name that no other process has: whoever shares it shares the leader's lease. Containers may have one host name and one process
 * number in common, so chance has a part in it.
 */
export function processIdentity({ hostname, pid, random }: ProcessTraits): string {
  const suffix = Math.floor(random.next() * suffixes).toString(36).padStart(8, '0');
  return `${hostname.slice(0, maxHostname)}-${pid}-${suffix}`;
}

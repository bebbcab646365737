import { logBeta } from '@sluice/statistics';

interface Counted {
  readonly bad: number;
  readonly requests: number;
}

/** Recent requests of the stable revision; fractions come of its fading. It begins with what was known before the release. */
export interface StableMemory extends Counted {
  /** The same of a memory that began with nothing; not set where the past is not doubted. */
  readonly fresh?: Counted;
  /** ln of how much likelier what stable has done since was by the memory that began with the past than by `fresh`. */
  readonly trust?: number;
}

/** Requests that the memory fades to, so that it follows what changes for both revisions. */
export const memoryRequests = 300;

const nothing: Counted = { bad: 0, requests: 0 };

/** The memory after `bad` of `requests` more, faded to `limit` requests. */
export function remembered(memory: Counted, bad: number, requests: number, limit: number = memoryRequests): Counted {
  const keep = memory.requests + requests > limit && memory.requests > 0 ? Math.max(0, limit - requests) / memory.requests : 1;
  return { bad: memory.bad * keep + bad, requests: memory.requests * keep + requests };
}

/** As {@link remembered}, of a memory that keeps apart what it has seen since it began, and how well the past has foretold it. */
export function rememberedApart(memory: StableMemory, bad: number, requests: number): StableMemory {
  const { fresh = nothing, trust = 0 } = memory;
  return {
    ...remembered(memory, bad, requests),
    fresh: remembered(fresh, bad, requests),
    trust: trust + logChance(memory, bad, requests) - logChance(fresh, bad, requests),
  };
}

/** ln of the chance of one order of `bad` among `requests`, of a rate that is known from `memory` alone (Jeffreys' prior). */
function logChance(memory: Counted, bad: number, requests: number): number {
  const [a, b] = [memory.bad + 0.5, Math.max(0, memory.requests - memory.bad) + 0.5];
  return logBeta(a + bad, b + requests - bad) - logBeta(a, b);
}

/** What this release alone tells of stable, where that foretells it better than the past does; undefined where the past holds. */
export function withoutPast({ fresh, trust = 0 }: StableMemory): Counted | undefined {
  return trust < 0 ? fresh : undefined;
}

/** The bad rate that the next block of stable is expected to have. Kept off 0 and 1, where a bet could lose everything at once. */
export function expectedRate(memory: StableMemory): number {
  const { bad, requests } = withoutPast(memory) ?? memory;
  return Math.min(0.97, Math.max(1e-4, (bad + 0.5) / (requests + 1)));
}

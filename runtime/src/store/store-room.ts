import type { StoreLocation } from './store-location.ts';

const fileBytes = 2 ** 30;
/** A pod that nobody says anything of has some hundreds of MiB for all. */
const memoryBytes = 2 ** 27;
/** Of the memory of the process, for a store that is in it. */
const memoryShare = 0.25;
/** Less than the tables take when they are empty would be no store. */
export const leastStoreBytes = 2 ** 19;

/** Bytes that an embedded store may grow to: as many as its settings say, or what it takes by itself. `available`: the memory that this process may use, where that is bounded. */
export function roomOf({ file, maximumBytes }: Extract<StoreLocation, { kind: 'sqlite' }>, available: number | undefined): number {
  if (maximumBytes !== undefined) return maximumBytes;
  if (file !== ':memory:') return fileBytes;
  return Math.max(leastStoreBytes, Math.min(memoryBytes, Math.floor((available ?? Number.POSITIVE_INFINITY) * memoryShare)));
}

import { durationMilliseconds, type RolloutSpec } from '@sluice/crds';
import { gateDefaults, type GatePolicy } from '../sequential/index.ts';

/** Blocks that a release has at most, about: the log of them is kept in its status. */
export const mostBlocks = 480;

/** Milliseconds from the end of one block of evidence to the next one. */
export function blockMs({ gates = {}, maxDuration }: Pick<RolloutSpec, 'gates' | 'maxDuration'>): number {
  const asked = gates.interval === undefined ? gateDefaults.scrapeIntervalMs : durationMilliseconds(gates.interval);
  return Math.max(asked, Math.ceil(durationMilliseconds(maxDuration) / mostBlocks));
}

/** Milliseconds that a step of this `duration` (milliseconds) lasts at least: the requests from before its weight must have ended, and one block after that. */
export function leastStepMs(duration: number, { requestTimeoutMs, scrapeIntervalMs }: Pick<GatePolicy, 'requestTimeoutMs' | 'scrapeIntervalMs'>): number {
  return Math.max(duration, requestTimeoutMs + scrapeIntervalMs);
}

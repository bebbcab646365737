import { invalidSpec, shown } from './error.ts';

/** Seconds that a stopping pod still takes requests, while proxies learn that it goes. */
export const preStopSeconds = 5;
/** Seconds between the end of the drain and the kill, for flushing logs and closing connections. */
export const stopMarginSeconds = 10;

/** The runtime takes new requests for at most this many seconds of its drain, each of which may run to its timeout. */
const servingSeconds = 2;
/** The last second of the drain is for telling what remains that it is cut. */
const cuttingSeconds = 1;
/** For a timer or an answer that is late. */
const spareSeconds = 1;

/** How a pod of the agent ends; whole seconds. */
export interface StopTimes {
  /** terminationGracePeriodSeconds: preStop + drain + margin. */
  readonly graceSeconds: number;
  /** From the signal to the exit of the runtime: it serves on for a while, finishes what runs, and cuts what remains in the last second. */
  readonly drainSeconds: number;
}

/** Long enough that a request accepted in the last moment ends by its own timeout, never by the drain's end or the kill. */
export function stopTimes(requestTimeoutMs: number): StopTimes {
  const drainSeconds = Math.ceil(requestTimeoutMs / 1000) + servingSeconds + cuttingSeconds + spareSeconds;
  return { graceSeconds: preStopSeconds + drainSeconds + stopMarginSeconds, drainSeconds };
}

/** The times under a grace period of the user's choice, who decides whether the longest request fits. Throws RevisionError when it leaves no second to drain. */
export function stopTimesWithin(graceSeconds: unknown): StopTimes {
  const least = preStopSeconds + stopMarginSeconds + 1;
  if (typeof graceSeconds !== 'number' || !Number.isInteger(graceSeconds) || graceSeconds < least) {
    throw invalidSpec('spec.template.spec.terminationGracePeriodSeconds', `is ${shown(graceSeconds)}: write at least ${least}, or remove it to have it follow spec.agent.limits.requestTimeout`);
  }
  return { graceSeconds, drainSeconds: graceSeconds - preStopSeconds - stopMarginSeconds };
}

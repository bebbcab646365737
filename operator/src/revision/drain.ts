import { invalidSpec, shown } from './error.ts';

/** Seconds that a stopping pod still takes requests, while proxies learn that it goes. */
export const preStopSeconds = 5;
/** Seconds between the end of the drain and the kill, for flushing logs and closing connections. */
export const stopMarginSeconds = 10;

/** How a pod of the agent ends; whole seconds. */
export interface StopTimes {
  /** terminationGracePeriodSeconds: preStop + drain + margin. */
  readonly graceSeconds: number;
  /** How long the runtime waits for its running requests. */
  readonly drainSeconds: number;
}

/** Long enough that a request accepted in the last moment ends by its own timeout, never by the kill. */
export function stopTimes(requestTimeoutMs: number): StopTimes {
  const drainSeconds = Math.ceil(requestTimeoutMs / 1000);
  return { graceSeconds: preStopSeconds + drainSeconds + stopMarginSeconds, drainSeconds };
}

/** The times under a grace period of the user's choice. Throws RevisionError when it leaves no second to drain. */
export function stopTimesWithin(graceSeconds: unknown): StopTimes {
  const least = preStopSeconds + stopMarginSeconds + 1;
  if (typeof graceSeconds !== 'number' || !Number.isInteger(graceSeconds) || graceSeconds < least) {
    throw invalidSpec('spec.template.spec.terminationGracePeriodSeconds', `is ${shown(graceSeconds)}: write at least ${least}, or remove it to have it follow spec.agent.limits.requestTimeout`);
  }
  return { graceSeconds, drainSeconds: graceSeconds - preStopSeconds - stopMarginSeconds };
}

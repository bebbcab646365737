import type { Clock } from './clock.ts';

/** A signal that follows others and also aborts after a time. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when time, not a parent, aborted it. */
  expired(): boolean;
  /** Milliseconds left; 0 when over. */
  remainingMs(): number;
  /** Must be called: frees the timer and the listeners on the parents. */
  clear(): void;
}

/** Starts the time of a call: `ms` milliseconds (>= 0) from now, and no longer than any of its parents. */
export function startDeadline(clock: Clock, parent: AbortSignal | readonly AbortSignal[], ms: number): Deadline {
  const controller = new AbortController();
  const end = clock.monotonic() + ms;
  let expired = false;
  const timer = clock.setTimer(ms, () => {
    expired = true;
    controller.abort(new DOMException(`the deadline of ${ms} ms passed`, 'TimeoutError'));
  });
  const parents = [parent].flat();
  const follow = () => controller.abort(parents.find((each) => each.aborted)?.reason);
  if (parents.some((each) => each.aborted)) follow();
  else for (const each of parents) each.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    remainingMs: () => Math.max(0, end - clock.monotonic()),
    clear() {
      timer.cancel();
      for (const each of parents) each.removeEventListener('abort', follow);
    },
  };
}

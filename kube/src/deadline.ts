import type { Clock } from './clock.ts';

/** A signal that follows `parent` and also aborts after a time. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when time, not the parent, aborted it. */
  expired(): boolean;
  /** Milliseconds left; 0 when over. */
  remainingMs(): number;
  /** Must be called: frees the timer and the listener on the parent. */
  clear(): void;
}

/** Starts the time of a call: `ms` milliseconds (>= 0) from now, and no longer than `parent`. */
export function startDeadline(clock: Clock, parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  const end = clock.monotonic() + ms;
  let expired = false;
  const timer = clock.setTimer(ms, () => {
    expired = true;
    controller.abort(new DOMException(`the deadline of ${ms} ms passed`, 'TimeoutError'));
  });
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    remainingMs: () => Math.max(0, end - clock.monotonic()),
    clear() {
      timer.cancel();
      parent.removeEventListener('abort', follow);
    },
  };
}

import type { Clock, Timer } from './clock.ts';

/** An answer of the API server, by the monotonic clock of this process. Milliseconds. */
export interface DatedAnswer {
  /** The header Date, which has whole seconds; undefined where there is none. */
  readonly date: string | undefined;
  readonly sentAt: number;
  readonly receivedAt: number;
}

const secondMs = 1000;

/**
 * The time of the API server, so that processes on machines whose clocks differ write and compare the same time. It begins as the wall clock of
 * this machine, is moved no further than each answer demands, and goes on by the monotonic clock: a wall clock that is wrong, or jumps, is
 * put right by the first answer and matters no more. Off by at most a second and the time that an answer takes, as far as the API server's own
 * clock is right; API servers whose clocks differ move it to and fro by as much as they differ.
 */
export class ServerClock implements Clock {
  readonly #clock: Clock;
  /** What the monotonic clock lacks to the time. */
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.now() - clock.monotonic();
  }

  /** Milliseconds since the epoch, whole. */
  now(): number {
    return Math.round(this.monotonic() + this.#offset);
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, options: { signal: AbortSignal }): Promise<void> {
    return this.#clock.sleep(ms, options);
  }

  setTimer(ms: number, callback: () => void): Timer {
    return this.#clock.setTimer(ms, callback);
  }

  /** An answer was dated between its request's being sent and its arrival. One without a date that can be read says nothing. */
  heard({ date, sentAt, receivedAt }: DatedAnswer): void {
    const dated = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(dated)) return;
    const [least, most] = [dated - receivedAt, dated + secondMs - sentAt];
    this.#offset = Math.min(Math.max(this.#offset, least), most);
  }
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { FakeClock } from './clock-fake.ts';
import { ServerClock } from './clock-server.ts';

/** A machine: true time runs, its wall clock says something else and may jump, its monotonic clock began somewhere. */
class Machine implements Clock {
  trueTime = 1_800_000_000_000;
  wallError = 0;
  readonly #fake = new FakeClock();
  readonly #began = this.trueTime - 12_345.6;

  now(): number {
    return this.trueTime + this.wallError;
  }

  monotonic(): number {
    return this.trueTime - this.#began;
  }

  sleep(ms: number, options: { signal: AbortSignal }): Promise<void> {
    return this.#fake.sleep(ms, options);
  }

  setTimer(ms: number, callback: () => void) {
    return this.#fake.setTimer(ms, callback);
  }
}

/** As an HTTP server dates an answer: the second that it is in. */
const dateOf = (ms: number): string => new Date(ms).toUTCString();

/** Asks the API server, which dates its answer on the way. */
function ask(machine: Machine, clock: ServerClock, { before, after, serverError = 0 }: { readonly before: number; readonly after: number; readonly serverError?: number }): void {
  const sentAt = machine.monotonic();
  machine.trueTime += before;
  const date = dateOf(machine.trueTime + serverError);
  machine.trueTime += after;
  clock.heard({ date, sentAt, receivedAt: machine.monotonic() });
}

describe('the time of the API server', () => {
  it('is off by at most a second and the time of an answer, however wrong the clock of the machine is, and whatever it jumps to afterwards', () => {
    const span = fc.integer({ min: 0, max: 3_000 });
    const hours = fc.integer({ min: -48 * 3_600_000, max: 48 * 3_600_000 });
    const asked = fc.record({ pause: fc.integer({ min: 0, max: 60_000 }), before: span, after: span, jump: hours });
    fc.assert(
      fc.property(hours, fc.array(asked, { minLength: 1, maxLength: 20 }), (wallError, all) => {
        const machine = new Machine();
        machine.wallError = wallError;
        const clock = new ServerClock(machine);
        for (const { pause, before, after, jump } of all) {
          machine.trueTime += pause;
          ask(machine, clock, { before, after });
          machine.wallError += jump;
          expect(Math.abs(clock.now() - machine.trueTime)).toBeLessThanOrEqual(1_000 + before + after + 1);
        }
      }),
    );
  });

  it('is the time of the machine until something is heard, and as long as no answer contradicts it', () => {
    const machine = new Machine();
    machine.wallError = 400;
    const clock = new ServerClock(machine);
    expect(clock.now()).toBe(machine.now());
    ask(machine, clock, { before: 500, after: 500 });
    expect(clock.now()).toBe(machine.now());
  });

  it('learns nothing from an answer without a date', () => {
    const machine = new Machine();
    const clock = new ServerClock(machine);
    for (const date of [undefined, '', 'yesterday']) clock.heard({ date, sentAt: 0, receivedAt: 0 });
    expect(clock.now()).toBe(machine.now());
  });

  it('goes back where the clock of the API server is put right, and moves no further than it must', () => {
    const machine = new Machine();
    const clock = new ServerClock(machine);
    ask(machine, clock, { before: 0, after: 0, serverError: 1_800_000 });
    expect(clock.now() - machine.trueTime).toBeGreaterThanOrEqual(1_799_000);
    ask(machine, clock, { before: 0, after: 0 });
    expect(clock.now() - machine.trueTime).toBeLessThanOrEqual(1_000);
    expect(clock.now() - machine.trueTime).toBeGreaterThanOrEqual(0);
  });

  it('leaves durations and timers to the clock of the machine', async () => {
    const machine = new FakeClock();
    const clock = new ServerClock(machine);
    const fired: string[] = [];
    clock.setTimer(10, () => fired.push('timer'));
    const slept = clock.sleep(20, { signal: new AbortController().signal });
    await machine.advance(20);
    await slept;
    expect([fired, clock.monotonic()]).toEqual([['timer'], 20]);
  });
});

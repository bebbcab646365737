import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdmission, type Ticket } from './admission.ts';
import { Overloaded } from './problem.ts';

const live = (): AbortSignal => new AbortController().signal;

describe('createAdmission', () => {
  it('lets the first run, the next wait in order, and turns the rest away', async () => {
    const admission = createAdmission({ maxRunning: 1, maxQueued: 2 });
    const order: string[] = [];
    const enter = (name: string): Ticket => {
      const ticket = admission.enter(live());
      void ticket.admitted.then(() => order.push(name));
      return ticket;
    };
    const first = enter('first');
    const second = enter('second');
    const third = enter('third');
    expect(() => admission.enter(live())).toThrow(Overloaded);
    expect([admission.running(), admission.queued()]).toEqual([1, 2]);
    first.release();
    await second.admitted;
    second.release();
    await third.admitted;
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('forgets a request that leaves the queue', async () => {
    const admission = createAdmission({ maxRunning: 1, maxQueued: 1 });
    const running = admission.enter(live());
    const caller = new AbortController();
    const waiting = admission.enter(caller.signal);
    caller.abort(new Error('caller left'));
    await expect(waiting.admitted).rejects.toThrow('caller left');
    waiting.release();
    waiting.release();
    expect(admission.queued()).toBe(0);
    running.release();
    expect(admission.running()).toBe(0);
  });

  it('keeps its bounds and loses no place, whatever the order of releases', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.array(fc.nat({ max: 5 }), { maxLength: 60 }), (extra, maxQueued, steps) => {
        const maxRunning = extra + 1;
        const admission = createAdmission({ maxRunning, maxQueued });
        const tickets: Ticket[] = [];
        for (const step of steps) {
          if (step > 2) tickets.splice(step % Math.max(1, tickets.length), 1).forEach((ticket) => ticket.release());
          else {
            try {
              tickets.push(admission.enter(live()));
            } catch (error) {
              expect(error).toBeInstanceOf(Overloaded);
              expect([admission.running(), admission.queued()]).toEqual([maxRunning, maxQueued]);
            }
          }
          expect(admission.running() + admission.queued()).toBe(tickets.length);
          expect(admission.running()).toBe(Math.min(maxRunning, tickets.length));
        }
      }),
    );
  });
});

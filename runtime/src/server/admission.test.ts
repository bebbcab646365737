import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdmission, type Admission, type Ticket } from './admission.ts';
import { Overloaded } from './problem.ts';
import { QueueShareTaken } from './request-problems.ts';

const live = (): AbortSignal => new AbortController().signal;

/** Tells in `order` who begins, and in `lost` who lost its place. */
function watched(admission: Admission) {
  const order: string[] = [];
  const lost: string[] = [];
  const enter = (name: string, tenant?: string): Ticket => {
    const ticket = admission.enter(live(), tenant);
    ticket.admitted.then(
      () => order.push(name),
      (error: unknown) => lost.push(error instanceof QueueShareTaken ? name : String(error)),
    );
    return ticket;
  };
  return { order, lost, enter };
}

const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('createAdmission', () => {
  it('lets the first run, the next wait in order, and turns the rest away', async () => {
    const admission = createAdmission({ maxRunning: 1, maxQueued: 2 });
    const { order, enter } = watched(admission);
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

  it('lets tenants take turns, whoever has sent most', async () => {
    const { order, enter } = watched(createAdmission({ maxRunning: 1, maxQueued: 8 }));
    const tickets = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].map((name) => enter(name, name.charAt(0)));
    for (const _ of tickets) {
      await settled();
      const running = order.at(-1) ?? '';
      tickets[['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].indexOf(running)]?.release();
    }
    await settled();
    expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('gives a tenant that is alone the whole queue, and takes the newest places beyond its part back when others come', async () => {
    const admission = createAdmission({ maxRunning: 1, maxQueued: 4 });
    const { lost, enter } = watched(admission);
    const flood = ['a0', 'a1', 'a2', 'a3', 'a4'].map((name) => enter(name, 'a'));
    expect(() => enter('a5', 'a')).toThrow(Overloaded);
    enter('b1', 'b');
    enter('b2', 'b');
    await settled();
    expect(lost).toEqual(['a4', 'a3']);
    expect(admission.queued()).toBe(4);
    // Each has its half now: neither drives the other out, and both are told what their part is.
    for (const tenant of ['a', 'b']) expect(() => enter('more', tenant)).toThrow(QueueShareTaken);
    const refusal = ((): unknown => {
      try {
        return enter('more', 'a');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toMatchObject({ facts: { status: 429, slug: 'quota-exceeded', retryAfterSeconds: 1, headers: { 'ratelimit-policy': '"queue";q=2;qu="concurrent-requests"', ratelimit: '"queue";r=0;t=1' }, detail: expect.stringContaining('2 of the 4') } });
    for (const ticket of flood) ticket.release();
    await settled();
    expect(lost).toEqual(['a4', 'a3']);
  });

  it('drives nobody out for a place that would be no fairer', () => {
    const admission = createAdmission({ maxRunning: 1, maxQueued: 1 });
    const { enter } = watched(admission);
    enter('running', 'a');
    enter('waiting', 'a');
    expect(() => enter('late', 'b')).toThrow(Overloaded);
  });

  it('keeps its bounds and loses no place, whatever the order of releases and whoever asks', async () => {
    const step = fc.record({ kind: fc.constantFrom('enter', 'enter', 'enter', 'release'), tenant: fc.constantFrom('a', 'b', 'c'), at: fc.nat({ max: 20 }) });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), fc.nat({ max: 6 }), fc.array(step, { maxLength: 60 }), async (extra, maxQueued, steps) => {
        const maxRunning = extra + 1;
        const admission = createAdmission({ maxRunning, maxQueued });
        const tickets: Ticket[] = [];
        for (const { kind, tenant, at } of steps) {
          if (kind === 'release') tickets.splice(at % Math.max(1, tickets.length), 1).forEach((ticket) => ticket.release());
          else {
            try {
              const ticket = admission.enter(live(), tenant);
              tickets.push(ticket);
              ticket.admitted.catch(() => tickets.splice(tickets.indexOf(ticket), 1));
            } catch (error) {
              expect(error instanceof Overloaded || error instanceof QueueShareTaken).toBe(true);
              expect([admission.running(), admission.queued()]).toEqual([maxRunning, maxQueued]);
            }
          }
          await settled();
          expect(admission.running() + admission.queued()).toBe(tickets.length);
          expect(admission.running()).toBe(Math.min(maxRunning, tickets.length));
        }
        for (const ticket of tickets) ticket.release();
        expect([admission.running(), admission.queued()]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallGate } from './call-gate.ts';

const never = new AbortController().signal;

describe('CallGate', () => {
  it('lets as many in as it says, the others in the order they came', async () => {
    const gate = new CallGate(2);
    const entered: number[] = [];
    const leavers = [1, 2, 3, 4].map((caller) => gate.enter(never).then((leave) => { entered.push(caller); return leave; }));
    const [first, second] = await Promise.all([leavers[0]!, leavers[1]!]);
    expect([entered, gate.waiting]).toEqual([[1, 2], 2]);
    second();
    (await leavers[2]!)();
    first();
    first();
    await leavers[3];
    expect([entered, gate.waiting]).toEqual([[1, 2, 3, 4], 0]);
  });

  it('lets a caller that gives up leave the line, and passes its place on', async () => {
    const gate = new CallGate(1);
    const leave = await gate.enter(never);
    const stop = new AbortController();
    const given = gate.enter(stop.signal);
    const next = gate.enter(never);
    stop.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    leave();
    await next;
    await expect(gate.enter(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });

  it('never lets more in than it says and forgets nobody, whatever happens in whatever order', async () => {
    const caller = fc.record({ steps: fc.integer({ min: 0, max: 4 }), abortAfter: fc.option(fc.integer({ min: 0, max: 6 })) });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(caller, { maxLength: 20 }), async (limit, callers) => {
      const gate = new CallGate(limit);
      let inside = 0;
      const runs = callers.map(async ({ steps, abortAfter }) => {
        const stop = new AbortController();
        if (abortAfter !== null) void turns(abortAfter).then(() => stop.abort());
        const leave = await gate.enter(stop.signal).catch(() => undefined);
        if (leave === undefined) return;
        inside += 1;
        expect(inside).toBeLessThanOrEqual(limit);
        await turns(steps);
        inside -= 1;
        leave();
      });
      await Promise.all(runs);
      expect([inside, gate.waiting]).toEqual([0, 0]);
      for (let place = 0; place < limit; place++) await gate.enter(never);
    }));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %d', (limit) => {
    expect(() => new CallGate(limit)).toThrow(/maxConcurrentCalls is .*at least 1/);
  });
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

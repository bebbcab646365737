import { describe, expect, it } from 'vitest';
import { allFaultKinds, answerFaults, type Fault, isOneOf, openingFaults, requestFaults, type RequestFacts } from './fault.ts';
import { randomSchedule } from './schedule.ts';

const watch: RequestFacts = { lane: 'watch', method: 'GET', path: '/api/v1/configmaps' };
const write: RequestFacts = { lane: 'write', method: 'PATCH', path: '/api/v1/namespaces/a/configmaps/b' };

function drawn(seed: number, request: RequestFacts, count: number): readonly (readonly Fault[])[] {
  const schedule = randomSchedule(seed);
  return Array.from({ length: count }, () => schedule.draw(request));
}

describe('randomSchedule', () => {
  it('gives the n-th request of a lane the same faults for the same seed, whatever the other lanes do', () => {
    const mixed = randomSchedule(7);
    const watches = Array.from({ length: 40 }, () => {
      mixed.draw(write);
      return mixed.draw(watch);
    });
    expect(watches).toEqual(drawn(7, watch, 40));
    expect(watches).not.toEqual(drawn(8, watch, 40));
  });

  it('deals every kind of fault after some hundred requests', () => {
    const kinds = new Set([...drawn(1, watch, 200), ...drawn(1, write, 200)].flat().map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual([...allFaultKinds].toSorted());
  });

  it('gives calls only faults that fit them, and lets most writes pass', () => {
    const writes = drawn(3, write, 400);
    for (const { kind } of writes.flat()) expect(isOneOf(requestFaults, kind) || isOneOf(answerFaults, kind)).toBe(true);
    expect(writes.filter((faults) => faults.length === 0).length).toBeGreaterThan(200);
  });

  it('either keeps a watch from opening or ends it, never both', () => {
    for (const faults of drawn(5, watch, 300)) {
      const openings = faults.filter(({ kind }) => isOneOf(openingFaults, kind));
      expect(openings.length === 0 || faults.length === 1).toBe(true);
    }
  });

  it('lets everything pass once it is stopped', () => {
    const schedule = randomSchedule(1);
    schedule.stop();
    expect(Array.from({ length: 50 }, () => schedule.draw(watch)).flat()).toEqual([]);
  });
});

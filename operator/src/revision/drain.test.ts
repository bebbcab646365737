import { describe, expect, it } from 'vitest';
import { stopTimes, stopTimesWithin } from './drain.ts';

describe('stopTimes', () => {
  it.each([
    [100, { graceSeconds: 20, drainSeconds: 5 }],
    [60_000, { graceSeconds: 79, drainSeconds: 64 }],
    [60_001, { graceSeconds: 80, drainSeconds: 65 }],
    [3_600_000, { graceSeconds: 3619, drainSeconds: 3604 }],
  ])('a request timeout of %i ms', (timeout, times) => {
    expect(stopTimes(timeout)).toEqual(times);
  });
});

describe('stopTimesWithin', () => {
  it('leaves to the drain what preStop and margin do not need', () => {
    expect(stopTimesWithin(120)).toEqual({ graceSeconds: 120, drainSeconds: 105 });
    expect(stopTimesWithin(16)).toEqual({ graceSeconds: 16, drainSeconds: 1 });
  });

  it.each([15, 0, -1, 20.5, '60'])('refuses %j', (grace) => {
    expect(() => stopTimesWithin(grace)).toThrow(/^spec\.template\.spec\.terminationGracePeriodSeconds is .*write at least 16/);
  });
});

import { describe, expect, test } from 'vitest';
import type { PodCounters } from './pod-counters.ts';
import { advancePod, type PodMemory } from './pod-memory.ts';

const counted = (requests: number, bad: number, change: Partial<PodCounters> = {}): PodCounters => ({
  processStart: 7, outcomes: { success: requests - bad, degraded: 0, error: bad, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 },
  buckets: [{ le: 1, count: requests - bad }, { le: 5, count: requests }, { le: Infinity, count: requests }], ...change,
});

/** Plays readings of one pod, ten seconds apart, and gives requests and bad ones of each. */
function play(readings: readonly PodCounters[]): { readonly increments: (readonly [requests: number, bad: number])[]; readonly memory: PodMemory | undefined } {
  let memory: PodMemory | undefined;
  const increments = readings.map((reading, index) => {
    const step = advancePod(memory, reading, { firstSight: 'baseline', at: index * 10_000 });
    memory = step.memory;
    return [step.sample.requests, step.sample.bad] as const;
  });
  return { increments, memory };
}

describe('a pod that several servers scrape in turn', () => {
  test('an older reading of the same process counts nothing, and what it counted before is not counted again', () => {
    const { increments, memory } = play([counted(10_000, 200), counted(9_990, 199), counted(10_020, 201), counted(10_010, 200), counted(10_040, 203)]);
    expect(increments).toEqual([[0, 0], [0, 0], [20, 1], [0, 0], [20, 2]]);
    expect(memory?.freshAt).toBe(40_000);
  });

  test('an older reading makes the pod no fresher: one that is behind for ever is missing', () => {
    expect(play([counted(100, 2), counted(90, 2), counted(99, 2)]).memory?.freshAt).toBe(0);
  });

  test('another process counts from 0, also where nobody says when it began', () => {
    expect(play([counted(100, 2), counted(60, 1, { processStart: 8 })]).increments[1]).toEqual([60, 1]);
    expect(play([counted(100, 2, { processStart: undefined }), counted(60, 1, { processStart: undefined })]).increments[1]).toEqual([60, 1]);
  });

  test('edges that a scrape does not keep any more are no new process', () => {
    const fewer = counted(130, 3, { buckets: [{ le: 5, count: 130 }, { le: Infinity, count: 130 }] });
    const { increments } = play([counted(100, 2), fewer, counted(150, 3)]);
    expect(increments).toEqual([[0, 0], [30, 1], [20, 0]]);
  });
});

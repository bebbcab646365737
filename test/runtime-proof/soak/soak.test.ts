import { describe, expect, it } from 'vitest';
import { momentIn } from './event-loop.ts';
import { growthOf, judgeGrowth, type Sample } from './memory.ts';
import { judgeClients, judgeMemory } from './waves.ts';
import { parseOptions } from './options.ts';

const samplesOf = (count: number, of: (index: number) => number): Sample[] => Array.from({ length: count }, (_value, index) => ({ done: index * 1_000, residentMebibytes: of(index), files: 20 }));

describe('growthOf', () => {
  it('is what the second half adds for each request', () => {
    expect(growthOf(samplesOf(10, (index) => (index < 5 ? index * 20 : 100)))).toEqual({ bytes: 0, error: 0 });
    expect(growthOf(samplesOf(10, (index) => 100 + index)).bytes).toBeCloseTo(2 ** 20 / 1_000, 6);
  });

  it('says by how much it may be wrong', () => {
    const { bytes, error } = growthOf(samplesOf(120, (index) => 100 + (index % 2)));
    expect(Math.abs(bytes)).toBeLessThan(error);
    expect(error).toBeGreaterThan(5);
    expect(error).toBeLessThan(10);
  });

  it('takes samples between two collections for fewer than they are', () => {
    const sawtooth = (period: number) => growthOf(samplesOf(240, (index) => 100 + (index % period) / period)).error;
    expect(sawtooth(20)).toBeGreaterThan(2 * sawtooth(2));
  });

  it('says nothing of too little', () => {
    expect(() => growthOf(samplesOf(4, () => 1))).toThrow('too few');
  });
});

describe('judgeGrowth', () => {
  it.each([
    ['flat', { bytes: 10, error: 246 }],
    ['flat', { bytes: -400, error: 300 }],
    ['not shown', { bytes: 10, error: 247 }],
    ['not shown', { bytes: 500, error: 244 }],
    ['not flat', { bytes: 500, error: 243 }],
  ] as const)('is %s for %o', (told, growth) => {
    expect(judgeGrowth(growth, 256)).toBe(told);
  });
});

describe('momentIn', () => {
  it('reads what stood still, and what is worked on', () => {
    const metrics = '# TYPE nodejs_eventloop_lag_max_seconds gauge\nnodejs_eventloop_lag_max_seconds 0.25\nsluice_requests_in_flight{agent="a"} 7\n';
    expect(momentIn(metrics)).toEqual({ stallMs: 250, requestsInFlight: 7 });
  });

  it('does not take silence for none', () => {
    expect(() => momentIn('nodejs_eventloop_lag_max_seconds 0.25\n')).toThrow('no sluice_requests_in_flight');
  });
});

describe('judgeMemory', () => {
  const wave = { open: 100, opened: 150, held: 152, after: 120, stalls: { coming: 1, waiting: 1, leaving: 1 } };

  it('finds nothing in memory that comes back the same', () => {
    expect(judgeMemory([wave, { ...wave, opened: 155 }])).toEqual([]);
  });

  it('takes what is collected while clients wait for no growth', () => {
    expect(judgeMemory([wave, { ...wave, opened: 220, held: 160 }])).toEqual([]);
  });

  it.each([
    ['growth while nothing happens', [wave, { ...wave, held: 190 }], 'while its clients only waited'],
    ['growth from wave to wave', [wave, { ...wave, opened: 190, held: 190 }], 'to begin with'],
    ['too little to judge', [wave], 'too few'],
  ])('finds %s', (_name, waves, told) => {
    expect(judgeMemory(waves)).toEqual([expect.stringContaining(told)]);
  });

  it('leaves clients that were lost to another line', () => {
    const waves = [wave, { ...wave, open: 99 }];
    expect(judgeMemory(waves)).toEqual([]);
    expect(judgeClients(waves, 100)).toEqual(['wave 2 had 99 of 100 clients at its end']);
  });
});

describe('options of the soak', () => {
  it('are requests, or clients that come in waves', () => {
    expect(parseOptions([])).toEqual({ kind: 'requests', requests: 72_000, minutes: 1_440 });
    expect(parseOptions(['--minutes', '10'])).toMatchObject({ minutes: 10 });
    expect(parseOptions(['--clients', '10000'])).toEqual({ kind: 'streams', clients: 10_000, waves: 2, holdSeconds: 30 });
  });

  it('are refused by name', () => {
    expect(() => parseOptions(['--clients', 'many'])).toThrow("--clients has 'many'");
  });
});

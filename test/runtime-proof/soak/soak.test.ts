import { describe, expect, it } from 'vitest';
import { bytesKept, type Sample } from './memory.ts';
import { judgeWaves } from './waves.ts';
import { parseOptions } from './options.ts';

describe('bytesKept', () => {
  const samples = (of: (index: number) => number): Sample[] => Array.from({ length: 10 }, (_value, index) => ({ done: index * 1_000, residentMebibytes: of(index), files: 20 }));

  it('is what the second half adds for each request', () => {
    expect(bytesKept(samples((index) => (index < 5 ? index * 20 : 100)))).toBe(0);
    expect(bytesKept(samples((index) => 100 + index))).toBeCloseTo(2 ** 20 / 1_000, 6);
  });

  it('says nothing of too little', () => {
    expect(() => bytesKept(samples(() => 1).slice(0, 4))).toThrow('too few');
  });
});

describe('judgeWaves', () => {
  const wave = { open: 100, opened: 150, held: 152, after: 120 };

  it('finds nothing in memory that comes back the same', () => {
    expect(judgeWaves([wave, { ...wave, opened: 155 }], 100)).toEqual([]);
  });

  it.each([
    ['growth while nothing happens', [wave, { ...wave, held: 190 }], 'while its clients only waited'],
    ['growth from wave to wave', [wave, { ...wave, opened: 190, held: 190 }], 'to begin with'],
    ['clients that were lost', [wave, { ...wave, open: 99 }], '99 of 100'],
  ])('finds %s', (_name, waves, told) => {
    expect(judgeWaves(waves, 100)).toEqual([expect.stringContaining(told)]);
  });
});

describe('options of the soak', () => {
  it('are requests, or clients that come in waves', () => {
    expect(parseOptions([])).toEqual({ kind: 'requests', requests: 72_000 });
    expect(parseOptions(['--clients', '10000'])).toEqual({ kind: 'streams', clients: 10_000, waves: 2, holdSeconds: 30 });
  });

  it('are refused by name', () => {
    expect(() => parseOptions(['--clients', 'many'])).toThrow("--clients has 'many'");
  });
});

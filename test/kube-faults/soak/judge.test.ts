import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../provider-simulator/seeded-random.ts';
import { figuresOf, judgeSoak, longBounds, type Sample, shortBounds } from './judge.ts';

const MEBIBYTE = 1024 * 1024;

interface Shape {
  readonly minutes: number;
  readonly everySeconds: number;
  /** Bytes kept of each of 200 changes a second. */
  readonly leakPerChange?: number;
  readonly sockets?: number;
  readonly timers?: number;
}

/** A heap that fills in its first quarter and then varies by a mebibyte, as one after collections does. */
function samples({ minutes, everySeconds, leakPerChange = 0, sockets = 10, timers = 12 }: Shape): Sample[] {
  const random = seededRandom(1);
  const count = Math.floor((minutes * 60) / everySeconds);
  return Array.from({ length: count }, (_, index) => {
    const seconds = index * everySeconds;
    const warm = 20 * MEBIBYTE * Math.min(1, (index / count) * 4);
    const heapBytes = 30 * MEBIBYTE + warm + random() * MEBIBYTE + seconds * 200 * leakPerChange;
    return { atMs: seconds * 1000, heapBytes, rssBytes: heapBytes + 60 * MEBIBYTE + random() * 4 * MEBIBYTE, sockets, timers };
  });
}

describe('judgeSoak', () => {
  it('passes a heap that grows while it fills and is flat afterwards', () => {
    expect(judgeSoak(figuresOf(samples({ minutes: 20, everySeconds: 10 })), longBounds)).toEqual([]);
    expect(judgeSoak(figuresOf(samples({ minutes: 1.25, everySeconds: 3 })), shortBounds)).toEqual([]);
  });

  it('finds a hundred bytes kept of every change in twenty minutes, a kilobyte in one', () => {
    expect(judgeSoak(figuresOf(samples({ minutes: 20, everySeconds: 10, leakPerChange: 100 })), longBounds)[0]).toMatch(/^the heap grew by 1\.\d\d MiB a minute; the bound is 0\.50 MiB/);
    expect(judgeSoak(figuresOf(samples({ minutes: 1.25, everySeconds: 3, leakPerChange: 1_024 })), shortBounds)[0]).toMatch(/^the heap grew by/);
  });

  it('finds sockets and timers that pile up', () => {
    const figures = figuresOf(samples({ minutes: 20, everySeconds: 10, sockets: 65, timers: 201 }));
    expect(judgeSoak(figures, longBounds)).toEqual(['65 sockets were open at once; the bound is 64', '201 timers were set at once; the bound is 200']);
  });

  it('refuses to judge too little, and passes nothing that it could not compute', () => {
    expect(() => figuresOf(samples({ minutes: 1, everySeconds: 10 }))).toThrow('6 samples are too few');
    const still = samples({ minutes: 20, everySeconds: 10 }).map((sample) => ({ ...sample, atMs: 0 }));
    expect(judgeSoak(figuresOf(still), longBounds)).toHaveLength(2);
  });
});

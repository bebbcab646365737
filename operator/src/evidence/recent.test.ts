import { describe, expect, test } from 'vitest';
import { isoTime } from './clock-time.ts';
import { RecentLooks, type Look } from './recent.ts';

const start = 1_700_000_000_000;
const counts = (requests: number, more: Partial<Look['stable']> = {}): Look['stable'] => ({ requests, bad: 0, providerFailures: 0, pods: 2, circuitsOpen: 0, ...more });
const look = (seconds: number, requests: number, more: Partial<Look['stable']> = {}): Look => ({ at: start + seconds * 1000, stable: counts(requests, more), canary: counts(0) });

describe('the looks of the last half minute', () => {
  test('the first look begins the time and counts nothing: what it found may be older', () => {
    const recent = new RecentLooks().add(look(0, 50));
    expect(recent).toEqual({ since: isoTime(start), until: isoTime(start), stable: counts(0), canary: counts(0) });
  });

  test('later looks add up, and pods and circuits are those of the last', () => {
    const looks = new RecentLooks();
    looks.add(look(0, 0));
    looks.add(look(3, 5, { bad: 2, providerFailures: 1, circuitsOpen: 2 }));
    const recent = looks.add(look(6, 7, { bad: 1, providerFailures: 1, pods: 3, circuitsOpen: 1 }));
    expect(recent).toMatchObject({ since: isoTime(start), until: isoTime(start + 6000) });
    expect(recent.stable).toEqual({ requests: 12, bad: 3, providerFailures: 2, pods: 3, circuitsOpen: 1 });
  });

  test('what lies further back than half a minute is left out', () => {
    const looks = new RecentLooks();
    for (let second = 0; second <= 60; second += 3) looks.add(look(second, 10));
    const recent = looks.add(look(63, 10));
    expect(recent.since).toBe(isoTime(start + 33_000));
    expect(recent.stable.requests).toBe(100);
  });

  test('a gap in which nobody looked begins anew', () => {
    const looks = new RecentLooks();
    looks.add(look(0, 0));
    looks.add(look(3, 10));
    const recent = looks.add(look(34, 500));
    expect(recent).toMatchObject({ since: isoTime(start + 34_000), stable: { requests: 0, pods: 2 } });
    expect(looks.add(look(37, 4)).stable.requests).toBe(4);
  });

  test('however often one looks, nothing is lost and the memory is bounded', () => {
    const looks = new RecentLooks();
    let recent = looks.add(look(0, 0));
    for (let index = 1; index <= 1000; index += 1) recent = looks.add(look(index / 50, 1));
    expect(recent.stable.requests).toBe(1000);
    expect(recent.since).toBe(isoTime(start));
  });
});

import { describe, expect, it } from 'vitest';
import { measuresOf } from './measures.ts';
import { FULL, QUICK, TINY } from './scale.ts';

describe.each([
  ['full', FULL],
  ['quick', QUICK],
  ['tiny', TINY],
])('the measures at %s scale', (_, scale) => {
  const measures = measuresOf(scale);

  it('have ids of their own', () => {
    expect(new Set(measures.map(({ id }) => id)).size).toBe(measures.length);
  });

  it.each(measures)('$id has exactly one row of ours to hold against one of client-go and one of client-node', ({ rows }) => {
    for (const role of ['own', 'client-go', 'client-node'] as const) expect(rows.filter((row) => row.role === role)).toHaveLength(1);
  });

  it.each(measures)('$id names its rows and columns so that they can be told apart, and judges one at least', ({ rows, columns }) => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
    expect(columns.some(({ judged }) => judged !== undefined)).toBe(true);
  });

  it.each(measures.filter(({ scenario }) => scenario === 'follow'))('$id changes every object, and counts more changes than it warms up with', ({ spec }) => {
    expect(spec.events).toBeGreaterThanOrEqual(spec.objects);
    expect(spec.events).toBeGreaterThan(spec.warmUp);
  });
});

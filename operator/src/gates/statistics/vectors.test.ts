import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as statistics from './index.ts';

interface Vector {
  readonly id: string;
  readonly fn: string;
  readonly input: unknown;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tol: number;
}

const fixture = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as { meta: { functions: string[] }; vectors: Vector[] };
const functions = statistics as unknown as Readonly<Record<string, (input: unknown) => Readonly<Record<string, unknown>>>>;

/** Absolute, or relative where more than 1 is expected. */
function expectWithin(actual: unknown, expected: unknown, tolerance: number): void {
  if (Array.isArray(expected)) {
    expect(actual).toHaveLength(expected.length);
    for (const [index, each] of expected.entries()) expectWithin((actual as unknown[])[index], each, tolerance);
  } else if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)));
  } else expect(actual).toEqual(expected);
}

describe('reference values from mpmath, scipy and confseq', () => {
  test('are forty, over eighteen functions that are all exported', () => {
    expect(fixture.vectors).toHaveLength(40);
    expect(new Set(fixture.vectors.map((vector) => vector.fn))).toEqual(new Set(fixture.meta.functions));
    for (const name of fixture.meta.functions) expect(functions[name]).toBeTypeOf('function');
  });

  test.each(fixture.vectors)('$id: $fn', ({ fn, input, expected, tol }) => {
    const actual = functions[fn]!(input);
    expect(Object.keys(actual)).toEqual(expect.arrayContaining(Object.keys(expected)));
    for (const [field, value] of Object.entries(expected)) expectWithin(actual[field], value, tol);
  });
});

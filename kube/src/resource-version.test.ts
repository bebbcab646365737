import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareResourceVersions, isOlder } from './resource-version.ts';

const version = fc.bigInt({ min: 0n, max: 2n ** 128n });

describe('compareResourceVersions', () => {
  it('orders like unbounded numbers', () => {
    fc.assert(fc.property(version, version, (left, right) => {
      expect(Math.sign(compareResourceVersions(String(left), String(right)) ?? Number.NaN)).toBe(left < right ? -1 : left > right ? 1 : 0);
    }));
  });

  it.each([['abc', '1'], ['1', ''], ['01', '2'], ['-1', '2']])('does not order %j and %j', (left, right) => {
    expect(compareResourceVersions(left, right)).toBeUndefined();
  });

  it('calls equal strings equal whatever they are', () => {
    expect(compareResourceVersions('opaque', 'opaque')).toBe(0);
  });
});

describe('isOlder', () => {
  it('is true only when the order is known', () => {
    expect(isOlder('9', '10')).toBe(true);
    expect(isOlder('10', '9')).toBe(false);
    expect(isOlder('x', '9')).toBe(false);
    expect(isOlder(undefined, '9')).toBe(false);
  });
});

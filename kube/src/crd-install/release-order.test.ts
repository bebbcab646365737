import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReleases } from './release-order.ts';

describe('compareReleases', () => {
  it('orders semantic versions as semver 2.0.0 does', () => {
    const ascending = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', 'v1.2.0', '1.10.0', '2.0.0+build'];
    for (const [index, left] of ascending.entries()) {
      for (const [other, right] of ascending.entries()) expect(Math.sign(compareReleases('semver', left, right))).toBe(Math.sign(index - other));
    }
    expect(compareReleases('semver', 'v1.0.0+a', '1.0.0+b')).toBe(0);
  });

  it('orders numbers as numbers', () => {
    expect(compareReleases('number', '9', '10')).toBeLessThan(0);
    expect(compareReleases('number', '10', '10')).toBe(0);
  });

  it.each([['number', ''], ['number', 'x'], ['semver', '1.0'], ['semver', 'latest']] as const)('refuses to order by %s the release %j', (order, release) => {
    expect(() => compareReleases(order, release, release)).toThrow(`release '${release}'`);
  });

  it('is antisymmetric', () => {
    const part = fc.nat(3);
    const version = fc.tuple(part, part, part, fc.constantFrom('', '-1', '-a', '-a.1', '-1.a')).map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre}`);
    fc.assert(fc.property(version, version, (left, right) => {
      expect(Math.sign(compareReleases('semver', left, right)) + Math.sign(compareReleases('semver', right, left))).toBe(0);
    }), { numRuns: 5_000 });
  });
});

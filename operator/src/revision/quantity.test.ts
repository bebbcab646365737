import { sameQuantity } from '@sluice/kube';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity } from './quantity.ts';

describe('canonicalQuantity', () => {
  it.each([
    ['1', ['1', 1, '1000m', '1.0', '1e0', '+1', '1000000u', '01', '1.', '1000000000n']],
    ['500m', ['0.5', 0.5, '.5', '500m', '5e-1']],
    ['1k', ['1k', '1000', '1e3', '1E3']],
    ['1Ki', ['1Ki', '1024', '1.024k']],
    ['1Gi', ['1Gi', '1024Mi', '1048576Ki', '1073741824']],
    ['1536Mi', ['1.5Gi', '1536Mi']],
    ['512M', ['512M', '0.512G', 512_000_000]],
    ['1E', ['1E', '1000P']],
    ['0', ['0', '0m', '0Gi', '0.0']],
    ['1m', ['1n', '0.0001', '1m']],
    ['100m', ['100m', '0.1']],
  ])('%s', (canonical, spellings) => {
    expect(spellings.map(canonicalQuantity)).toEqual(spellings.map(() => canonical));
  });

  it.each(['', 'x', '1 Gi', '1gi', '-1', '1e', '.', '1e100'])('leaves what is no quantity to the API server: "%s"', (text) => {
    expect(canonicalQuantity(text)).toBe(text);
  });

  it('keeps the value, and is its own canonical form', () => {
    const amount = fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3')).map(([number, suffix]) => `${number}${suffix}`);
    fc.assert(fc.property(amount, (text) => {
      const canonical = canonicalQuantity(text);
      expect(sameQuantity(canonical, text)).toBe(true);
      expect(canonicalQuantity(canonical)).toBe(canonical);
    }));
  });
});

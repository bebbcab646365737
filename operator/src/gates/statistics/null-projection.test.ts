import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nullProjection } from './null-projection.ts';

const rate = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const count = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1_000_000_000 }));
const edge = fc.double({ min: -0.95, max: 0.95, noNaN: true });

/** Cross-entropy of the bet from the pair of rates on the edge: the projection makes it least. */
function distance({ qc, qs, nc, ns, d }: Parameters<typeof nullProjection>[0], theta: number): number {
  const loss = (q: number, t: number) => -(q * Math.log(t) + (1 - q) * Math.log1p(-t));
  return nc * loss(qc, theta + d) + ns * loss(qs, theta);
}

describe('nullProjection', () => {
  test('lies on the edge of the null and no other pair of rates is nearer', () => {
    fc.assert(
      fc.property(rate, rate, count, count, edge, fc.double({ min: 0, max: 1, noNaN: true }), (qc, qs, nc, ns, d, at) => {
        const input = { qc, qs, nc, ns, d };
        const { thetaS } = nullProjection(input);
        const [low, high] = [Math.max(0, -d), Math.min(1, 1 - d)];
        expect(thetaS).toBeGreaterThanOrEqual(low);
        expect(thetaS).toBeLessThanOrEqual(high);
        const other = low + (high - low) * (0.001 + 0.998 * at);
        const [least, elsewhere] = [distance(input, thetaS), distance(input, other)];
        if (thetaS > low && thetaS < high) expect(least).toBeLessThanOrEqual(elsewhere * (1 + 1e-12));
      }),
      { numRuns: 2000 },
    );
  });

  test('is the bet itself when the bet lies on the edge', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.4, noNaN: true }), fc.double({ min: -0.0009, max: 0.5, noNaN: true }), count, count, (qs, d, nc, ns) => {
        expect(nullProjection({ qc: qs + d, qs, nc, ns, d }).thetaS).toBeCloseTo(qs, 9);
      }),
    );
  });

  test('is the pooled rate where the null is "no difference"', () => {
    expect(nullProjection({ qc: 0.5, qs: 0.1, nc: 10, ns: 30, d: 0 })).toEqual({ thetaS: 0.2 });
  });

  test('swapping the revisions mirrors it', () => {
    fc.assert(
      fc.property(rate, rate, count, count, edge, (qc, qs, nc, ns, d) => {
        const swapped = nullProjection({ qc: qs, qs: qc, nc: ns, ns: nc, d: -d });
        expect(nullProjection({ qc, qs, nc, ns, d }).thetaS + d).toBeCloseTo(swapped.thetaS, 9);
      }),
    );
  });

  test.each([
    [{ qc: 1.2 }, 'qc is 1.2'],
    [{ qs: Number.NaN }, 'qs is NaN'],
    [{ d: 1 }, 'd is 1'],
    [{ nc: 0, ns: 0 }, 'nc is 0 and ns is 0'],
    [{ nc: Infinity }, 'nc is Infinity'],
  ])('refuses %j', (wrong, message) => {
    expect(() => nullProjection({ qc: 0.1, qs: 0.1, nc: 1, ns: 1, d: 0.1, ...wrong })).toThrow(message);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRequests, smallestMargin } from './plan-requests.ts';

const plan = { stablePerCanary: 9, alpha: 0.05, w1: 0.8 };

describe('the forecast', () => {
  // The planning table of the method: canary requests at nine stable ones each.
  test.each([
    [0.005, [726, 269, 83, 36]],
    [0.02, [1767, 531, 126, 47]],
    [0.05, [3740, 1019, 202, 66]],
    [0.1, [6741, 1760, 317, 93]],
  ])('at a bad rate of %s', (b, expected) => {
    expect([0.01, 0.02, 0.05, 0.1].map((delta) => planRequests({ ...plan, b, delta }).requests)).toEqual(expected);
  });

  test('falls with the margin and with more stable requests', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.5, noNaN: true }), fc.double({ min: 0.005, max: 0.2, noNaN: true }), fc.double({ min: 0.5, max: 50, noNaN: true }), (b, delta, stablePerCanary) => {
        const { requests } = planRequests({ ...plan, b, delta, stablePerCanary });
        expect(planRequests({ ...plan, b, delta: delta * 1.2, stablePerCanary }).requests).toBeLessThanOrEqual(requests);
        expect(planRequests({ ...plan, b, delta, stablePerCanary: stablePerCanary * 2 }).requests).toBeLessThanOrEqual(requests);
      }),
    );
  });

  test('names the smallest margin that so many requests can decide', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.5, noNaN: true }), fc.integer({ min: 20, max: 1_000_000 }), (b, requests) => {
        const delta = smallestMargin({ ...plan, b, requests });
        fc.pre(delta !== undefined);
        expect(planRequests({ ...plan, b, delta: delta ?? 0 }).requests).toBeLessThanOrEqual(requests);
        if ((delta ?? 0) > 1.1e-5) expect(planRequests({ ...plan, b, delta: (delta ?? 0) * 0.99 }).requests).toBeGreaterThanOrEqual(requests);
      }),
    );
    expect(smallestMargin({ ...plan, b: 0.02, requests: 0 })).toBeUndefined();
  });

  test.each([
    [{ b: 0 }, 'b is 0'],
    [{ delta: 0 }, 'delta is 0'],
    [{ delta: 0.99 }, 'delta is 0.99'],
    [{ stablePerCanary: 0 }, 'stablePerCanary is 0'],
  ])('refuses %j', (wrong, message) => {
    expect(() => planRequests({ ...plan, b: 0.02, delta: 0.02, ...wrong })).toThrow(message);
  });
});

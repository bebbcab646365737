import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evalRunName } from './names.ts';

describe('evalRunName', () => {
  test('says which release and which suite', () => {
    expect(evalRunName({ release: 'support-2', suite: 'golden' })).toMatch(/^support-2-golden-[0-9a-f]{8}$/);
  });

  test('is the same for the same attempt; the first need not be counted', () => {
    expect(evalRunName({ release: 'support-2', suite: 'golden', attempt: 1 })).toBe(evalRunName({ release: 'support-2', suite: 'golden' }));
  });

  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,80}[a-z0-9])?$/);
  const parts = fc.record({ release: label, suite: label, attempt: fc.integer({ min: 1, max: 99_999 }) });

  test('is always a label value and a name for a Job', () => {
    fc.assert(fc.property(parts, (run) => {
      expect(evalRunName(run)).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
    }));
  });

  const long = 'x'.repeat(60);
  test.each([
    ['an attempt and a suite that ends in a number', [{ release: 'a-1', suite: 'golden', attempt: 2 }, { release: 'a-1', suite: 'golden-2', attempt: 1 }]],
    ['an agent and a suite that share a part', [{ release: 'a-1', suite: '2-x' }, { release: 'a-1-2', suite: 'x' }]],
    ['long names that begin alike', [{ release: long, suite: 'a-suite' }, { release: long, suite: 'b-suite' }, { release: `${long}-a`, suite: 'suite' }, { release: long, suite: 'a-suite', attempt: 2 }]],
  ])('keeps apart: %s', (_what, runs) => {
    expect(new Set(runs.map(evalRunName)).size).toBe(runs.length);
  });
});

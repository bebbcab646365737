import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evalRunName } from './names.ts';

describe('evalRunName', () => {
  test.each([
    [{ release: 'support-2', suite: 'golden' }, 'support-2-golden'],
    [{ release: 'support-2', suite: 'golden', attempt: 1 }, 'support-2-golden'],
    [{ release: 'support-2', suite: 'golden', attempt: 3 }, 'support-2-golden-3'],
  ])('%o', (parts, expected) => {
    expect(evalRunName(parts)).toBe(expected);
  });

  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,80}[a-z0-9])?$/);

  test('is always a label value and a name for a Job', () => {
    fc.assert(
      fc.property(label, label, fc.integer({ min: 1, max: 99_999 }), (release, suite, attempt) => {
        expect(evalRunName({ release, suite, attempt })).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  test('long names that begin alike stay apart', () => {
    const long = 'x'.repeat(60);
    const names = [
      { release: long, suite: 'a-suite' }, { release: long, suite: 'b-suite' }, { release: `${long}-a`, suite: 'suite' }, { release: long, suite: 'a-suite', attempt: 2 },
    ].map(evalRunName);
    expect(new Set(names).size).toBe(4);
  });
});

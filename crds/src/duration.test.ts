import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationField, durationMilliseconds, isDurationRule } from './duration.ts';
import { toStructuralSchema } from './structural-schema.ts';

describe('durationMilliseconds', () => {
  it.each([
    ['10ms', 10],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1h0m0s', 3_600_000],
    ['0s', 0],
    ['99999h9999999m99999999s999999999ms', 359_996_400_000 + 599_999_940_000 + 99_999_999_000 + 999_999_999],
  ])('%s', (text, milliseconds) => {
    expect(durationMilliseconds(text)).toBe(milliseconds);
  });

  it.each(['', '5', 'soon', '-1s', '1.5s', '2d', '30s1m', '1s1s', ' 1s', '1s\n', '100000h'])('refuses %j and says what to write', (text) => {
    expect(() => durationMilliseconds(text)).toThrow(RangeError);
    expect(() => durationMilliseconds(text)).toThrow(`"${text}" is not a duration; write for example "30s", "5m" or "1h30m"`);
  });

  it('is the sum of its parts, and never overflows the nanoseconds that CEL counts in', () => {
    const part = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(part(99_999), part(9_999_999), part(99_999_999), part(999_999_999), (h, m, s, ms) => {
        const total = durationMilliseconds(`${h}h${m}m${s}s${ms}ms`);
        expect(total).toBe(h * 3_600_000 + m * 60_000 + s * 1_000 + ms);
        expect(total * 1e6).toBeLessThan(2 ** 63);
      }),
    );
  });
});

describe('durationField', () => {
  it('says the field, the bounds and the refused value', () => {
    const [rule] = toStructuralSchema(durationField('spec.wait', { min: '1s', max: '1h' }))['x-kubernetes-validations'] as { message: string; messageExpression: string; rule: string }[];
    expect(rule?.message).toBe('spec.wait must be a duration between 1s and 1h in h, m, s and ms, for example "1s"');
    expect(rule?.messageExpression).toBe(`'spec.wait must be a duration between 1s and 1h in h, m, s and ms, for example "1s"; got "' + self + '"'`);
    expect(rule?.rule).toContain(`${isDurationRule('self')} && duration(self) >= duration('1s')`);
  });
});

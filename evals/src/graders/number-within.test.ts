import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradeNumber } from './number-within.ts';

describe('number', () => {
  it.each([
    [{ value: 30 }, 'Within 30 days.', 'Pass'],
    [{ value: 30 }, '30', 'Pass'],
    [{ value: 30 }, '30.0', 'Pass'],
    [{ value: 1234.5 }, 'It is 1,234.5 in all.', 'Pass'],
    [{ value: 1e6 }, '1e6', 'Pass'],
    [{ value: -3 }, 'It is \u22123 degrees.', 'Pass'],
    [{ value: 8601 }, 'ISO-8601', 'Pass'],
    [{ value: 0.5 }, 'about .5', 'Pass'],
    [{ value: 0.3 }, `${0.1 + 0.2}`, 'Pass'],
    [{ value: 30 }, '31', 'Fail'],
    [{ value: 30, tolerance: 1 }, '31', 'Pass'],
    [{ value: 30, tolerance: 1 }, '31.01', 'Fail'],
    [{ value: 200, tolerancePercent: 5 }, '190', 'Pass'],
    [{ value: 200, tolerancePercent: 5 }, '189', 'Fail'],
    [{ value: 200, tolerancePercent: 1, tolerance: 20 }, '181', 'Pass'],
    [{ value: -200, tolerancePercent: 5 }, '-209', 'Pass'],
    [{ value: 0, tolerancePercent: 50 }, '0.1', 'Fail'],
    [{ value: 30, units: ['days'] }, 'Within 30 days, at most 2 times.', 'Pass'],
    [{ value: 30, units: ['EUR', '€'] }, 'It costs €30 or 30 EUR and takes 5 days.', 'Pass'],
    [{ value: 30, units: ['EUR'] }, 'It costs 30 EUR, or 40 eur in a shop.', 'Fail'],
    [{ value: 5, units: ['m'] }, '5 min', 'Fail'],
    [{ value: 5, units: ['%'] }, '5% of all', 'Pass'],
    [{ value: 30, units: ['days'] }, '30 weeks', 'Fail'],
    [{ value: 30 }, 'between 10 and 30', 'Fail'],
    [{ value: 30 }, 'thirty', 'Fail'],
    [{ value: 30 }, '', 'Fail'],
    [{ value: 30 }, 'NaN', 'Fail'],
    [{ value: 30 }, '1e999', 'Fail'],
  ])('%j in %j: %s', (expectation, answer, verdict) => {
    expect(gradeNumber(expectation, answer).verdict).toBe(verdict);
  });

  it('says what is unclear and never what the answer states', () => {
    expect(gradeNumber({ value: 30 }, '10 or 30').reason).toBe('states 2 different numbers, so that it is unclear which one counts; name number.units');
    expect(gradeNumber({ value: 30, units: ['EUR', '€'] }, '30').reason).toBe('states no number in EUR or €');
    expect(gradeNumber({ value: 30, tolerance: 2 }, '4711').reason).not.toContain('4711');
  });

  it('finds every number as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(gradeNumber({ value }, `It is ${value}.`).verdict).toBe('Pass');
      }),
    );
  });

  it('never lets a number beyond the tolerance pass', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 100 }), (value, tolerance, beyond) => {
        expect(gradeNumber({ value, tolerance }, `${value + tolerance + beyond}`).verdict).toBe('Fail');
        expect(gradeNumber({ value, tolerance }, `${value - tolerance}`).verdict).toBe('Pass');
      }),
    );
  });
});

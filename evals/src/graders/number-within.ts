import type { NumberExpectation } from '@sluice/crds';
import { fail, pass, type Finding } from './finding.ts';
import { folded } from './folded.ts';

/** Sign, digits with or without commas between thousands, decimal point, exponent. */
const numberPattern = /[-+\u2212]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3}(?!\d))?|[-+\u2212]?\.\d+/g;

interface StatedNumber {
  readonly value: number;
  readonly before: string;
  readonly after: string;
}

/** Whether the answer states the number: one number, or, where units are named, every number with one of them. */
export function gradeNumber(expectation: NumberExpectation, answer: string): Finding {
  const candidates = statedNumbers(folded(answer)).filter((stated) => hasUnit(stated, expectation.units));
  const values = [...new Set(candidates.map(({ value }) => value))];
  if (values.length === 0) return fail(expectation.units === undefined ? 'states no number' : `states no number in ${expectation.units.join(' or ')}`);
  if (values.length > 1 && expectation.units === undefined) return fail(`states ${values.length} different numbers, so that it is unclear which one counts; name number.units`);
  const allowed = allowedDifference(expectation);
  // Doubles of decimals such as 0.1 + 0.2 get the room of their own rounding.
  const room = Math.abs(expectation.value) * 4 * Number.EPSILON;
  // NaN and numbers beyond all bounds are not within any.
  return values.every((value) => Math.abs(value - expectation.value) <= allowed + room) ? pass : fail(`states a number that is not within ${allowed} of ${expectation.value}`);
}

/** The larger one of the tolerances. */
function allowedDifference({ value, tolerance = 0, tolerancePercent = 0 }: NumberExpectation): number {
  return Math.max(tolerance, (Math.abs(value) * tolerancePercent) / 100);
}

function statedNumbers(text: string): readonly StatedNumber[] {
  return Array.from(text.matchAll(numberPattern), (match) => {
    const signed = hyphenated(text, match.index) ? match[0].slice(1) : match[0];
    return {
      value: Number(signed.replaceAll(',', '').replace('\u2212', '-')),
      before: text.slice(Math.max(0, match.index - 40), match.index).trimEnd(),
      after: text.slice(match.index + match[0].length, match.index + match[0].length + 40).trimStart(),
    };
  });
}

/** In "3-5 days" and "ISO-8601" the sign is a hyphen. */
function hyphenated(text: string, index: number): boolean {
  return /[-+\u2212]/.test(text.charAt(index)) && /[\p{L}\p{N}]/u.test(text.charAt(index - 1));
}

/** A unit counts as a whole word: "m" is not in "5 min". */
function hasUnit({ before, after }: StatedNumber, units: readonly string[] | undefined): boolean {
  if (units === undefined) return true;
  return units.map(folded).some((unit) => (after.startsWith(unit) && !joined(unit, after.charAt(unit.length))) || (before.endsWith(unit) && !joined(unit, before.charAt(before.length - unit.length - 1))));
}

function joined(unit: string, next: string): boolean {
  return /\p{L}$|^\p{L}/u.test(unit) && /\p{L}/u.test(next);
}

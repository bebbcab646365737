import { z } from 'zod';
import { rules } from './structural-schema.ts';

const unitMilliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMilliseconds;

/** Each unit at most once, largest first, and few enough digits that no duration overflows CEL's int64 nanoseconds. */
const unitsInOrder = '([0-9]{1,5}h)?([0-9]{1,7}m)?([0-9]{1,8}s)?([0-9]{1,9}ms)?';

/** A duration as Kubernetes writes it: "90s", "5m", "1h30m". */
export const durationPattern = new RegExp(`^(?=.)${unitsInOrder}$`);

/** CEL: the string expression `self` is a duration. RE2 has no lookahead, so the empty string is excluded apart. */
export function isDurationRule(self: string): string {
  return `${self} != '' && ${self}.matches('^${unitsInOrder}$')`;
}

/**
 * Milliseconds of a duration such as "1h30m".
 * Throws RangeError when the text is no duration; the API server has refused such text before.
 */
export function durationMilliseconds(text: string): number {
  if (!durationPattern.test(text)) throw new RangeError(`"${text}" is not a duration; write for example "30s", "5m" or "1h30m"`);
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) total += Number(digits) * unitMilliseconds[unit as Unit];
  return total;
}

/** A duration field between `min` and `max` (both inclusive), refused by CEL with the field's name in the sentence. */
export function durationField(field: string, limits: { readonly min: string; readonly max: string }): z.ZodString {
  const sentence = `${field} must be a duration between ${limits.min} and ${limits.max} in h, m, s and ms, for example "${limits.min}"`;
  return z
    .string()
    .max(32)
    .meta(
      rules({
        rule: `${isDurationRule('self')} && duration(self) >= duration('${limits.min}') && duration(self) <= duration('${limits.max}')`,
        message: sentence,
        messageExpression: `'${sentence}; got "' + self + '"'`,
      }),
    );
}

const decimal = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
/** Powers of ten below one. */
const small: Readonly<Record<string, number>> = { n: 9, u: 6, m: 3 };
const form = /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;
const milli = 1_000n;

/**
 * A resource quantity as the shortest text of its value, so that `1000m`, `1` and `1.0` are one. Like the API server, it rounds up to
 * thousandths. What is no quantity comes back as text: the API server says what is wrong with it.
 */
export function canonicalQuantity(quantity: string | number): string {
  const thousandths = inThousandths(String(quantity));
  if (thousandths === undefined) return String(quantity);
  if (thousandths % milli !== 0n) return `${thousandths}m`;
  const whole = thousandths / milli;
  const texts = [...spellings(whole, 1_000n, decimal), ...spellings(whole, 1_024n, binary)];
  return texts.reduce((shortest, text) => (text.length < shortest.length ? text : shortest));
}

function spellings(whole: bigint, step: bigint, suffixes: readonly string[]): string[] {
  return suffixes.flatMap((suffix, power) => (whole % step ** BigInt(power) === 0n && (whole !== 0n || power === 0) ? [`${whole / step ** BigInt(power)}${suffix}`] : []));
}

/** Thousandths of the unit, rounded up; undefined for what is no quantity. */
export function inThousandths(text: string): bigint | undefined {
  const match = form.exec(text);
  const [, units = '', fraction = '', exponent = '0', suffix = ''] = match ?? [];
  if (match === null || units + fraction === '') return undefined;
  const factor = factorOf(suffix);
  const power = Number(exponent) - fraction.length - (small[suffix] ?? 0) + 3;
  const digits = BigInt(units + fraction) * factor;
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (digits + divisor - 1n) / divisor;
}

function factorOf(suffix: string): bigint {
  const power = decimal.findIndex((each) => each === suffix);
  if (power > 0) return 1_000n ** BigInt(power);
  return 1_024n ** BigInt(Math.max(0, binary.findIndex((each) => each === suffix)));
}

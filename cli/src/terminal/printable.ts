/** Control characters and the marks that turn the direction of text. */
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of text without control characters: what comes from a cluster or a file must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, ' ').trim();
}

/** A copy of a JSON value in which every text is printable. */
export function printableValue<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map((item) => cleaned(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cleaned(member)]));
}

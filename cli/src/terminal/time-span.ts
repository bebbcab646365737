const units = [
  { letter: 'd', ms: 86_400_000 },
  { letter: 'h', ms: 3_600_000 },
  { letter: 'm', ms: 60_000 },
  { letter: 's', ms: 1_000 },
] as const;

/** A span of time in its two largest units: "42s", "3m5s", "2h", "4d1h". Below a second (and below zero, when clocks differ) it is "0s". */
export function timeSpan(milliseconds: number): string {
  const first = units.findIndex((unit) => milliseconds >= unit.ms);
  let left = milliseconds;
  let text = '';
  for (const { letter, ms } of first === -1 ? [] : units.slice(first, first + 2)) {
    const count = Math.floor(left / ms);
    if (count > 0) text += `${count}${letter}`;
    left -= count * ms;
  }
  return text === '' ? '0s' : text;
}

/** Between two RFC 3339 times; undefined when one of them is missing or no time. */
export function spanBetween(from: string | undefined, to: string | number | undefined): string | undefined {
  const start = from === undefined ? Number.NaN : Date.parse(from);
  const end = typeof to === 'string' ? Date.parse(to) : (to ?? Number.NaN);
  return Number.isNaN(start) || Number.isNaN(end) ? undefined : timeSpan(end - start);
}

/** RFC 3339 UTC with milliseconds, as our status timestamps are written. `epochMs` is milliseconds since the epoch. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Such a time without its milliseconds, for people. */
export function wholeSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** Milliseconds since the epoch of an RFC 3339 time; undefined when there is none or it is not one. */
export function epochMsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}

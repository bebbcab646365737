/** Name of the environment variable in which hack/up says how many seconds it took before it started this program. */
export const SECONDS_BEFORE = 'SLUICE_UP_SECONDS_BEFORE';

/** Seconds that whoever started hack/up has waited, after these milliseconds of this program; without the variable these alone are known. */
export function waitedSeconds(milliseconds: number, before: string | undefined): number {
  const seconds = before !== undefined && /^\d{1,6}$/.test(before) ? Number(before) : 0;
  return Math.round(seconds + milliseconds / 1000);
}

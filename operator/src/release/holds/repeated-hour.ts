import type { Cron } from 'croner';

/** Clocks go back by less than this, and not twice within twice as long; milliseconds. */
const reachMs = 3 * 3_600_000;
const secondMs = 1_000;

/** What the clocks of a time zone show twice: from `again` on, epoch milliseconds, they show once more what they showed in the `byMs` before. */
interface RepeatedHour {
  readonly again: number;
  readonly byMs: number;
}

/** The one that is near `now`, epoch milliseconds; there is none on nearly all days. Throws RangeError for a time zone that there is not. */
function repeatedHourNear(timeZone: string, now: number): RepeatedHour | undefined {
  const clock = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const later = offsetAt(clock, now + reachMs);
  const byMs = offsetAt(clock, now - reachMs) - later;
  if (byMs <= 0) return undefined;
  let [before, again] = [Math.floor((now - reachMs) / secondMs), Math.ceil((now + reachMs) / secondMs)];
  while (again - before > 1) {
    const middle = Math.floor((before + again) / 2);
    if (offsetAt(clock, middle * secondMs) === later) again = middle;
    else before = middle;
  }
  return { again: again * secondMs, byMs };
}

/** Milliseconds that the clocks are ahead of UTC. */
function offsetAt(clock: Intl.DateTimeFormat, at: number): number {
  const name = clock.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * secondMs;
  return sign === '-' ? -ahead : ahead;
}

/** The latest run at or before a time, and the first after it; epoch milliseconds. */
interface Runs {
  readonly last: number | undefined;
  readonly next: number | undefined;
}

/**
 * The runs of a schedule around `now`. Who freezes by the clock means whatever it shows, so what runs in an hour that comes twice runs in both; the reader of
 * schedules knows the first only, and from within the second does not see that either.
 */
export function runsAround(cron: Cron, now: number, timeZone: string): Runs {
  const plain = { last: lastRun(cron, now), next: nextRun(cron, now) };
  if (plain.next === undefined) return plain;
  // What began in the first of both may last for days, and is to count from the second.
  const repeated = repeatedHourNear(timeZone, now) ?? (plain.last === undefined ? undefined : repeatedHourNear(timeZone, plain.last));
  if (repeated === undefined) return plain;
  const { again, byMs } = repeated;
  const first = again - byMs;
  const secondTime = (run: number | undefined): number | undefined => (run !== undefined && run >= first && run < again ? run + byMs : undefined);
  const endOfFirst = again - 2 * secondMs;
  const lasts = now < again ? [plain.last] : [plain.last, lastRun(cron, endOfFirst), secondTime(lastRun(cron, Math.min(now - byMs, endOfFirst)))];
  const nexts = [plain.next, secondTime(nextRun(cron, Math.max(now - byMs, first - secondMs))), nextRun(cron, again + byMs - secondMs)];
  const past = lasts.flatMap((run) => (run === undefined || run > now ? [] : [run]));
  const coming = nexts.flatMap((run) => (run === undefined || run <= now ? [] : [run]));
  return { last: past.length === 0 ? undefined : Math.max(...past), next: Math.min(...coming) };
}

/** Croner works in whole seconds and looks for runs before a time, without it. */
function lastRun(cron: Cron, now: number): number | undefined {
  return cron.previousRuns(2, new Date(now + secondMs)).map((run) => run.getTime()).find((run) => run <= now);
}

function nextRun(cron: Cron, now: number): number | undefined {
  return cron.nextRun(new Date(now))?.getTime();
}

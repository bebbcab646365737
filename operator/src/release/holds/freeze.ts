import { durationMilliseconds } from '@sluice/crds';
import type { FreezeWindow } from '@sluice/crds';
import { Cron } from 'croner';
import { isoTime } from '../../evidence/clock-time.ts';
import { faultOf } from './freeze-fault.ts';
import type { UnreadableFreeze } from './freeze-fault.ts';
import type { Hindrance } from '../observation.ts';
import { runsAround } from './repeated-hour.ts';

/** When a window began last, as it is told in [from, until); epoch milliseconds. */
export interface Begin {
  readonly from: number;
  readonly until: number;
  /** Absent: never yet. An Error where the schedule or the time zone is none, or it never comes. */
  readonly at?: number | UnreadableFreeze;
}

/** Until when windows that overlap or meet hold releases; epoch milliseconds. `GoesOn`: it was looked as far as `at`, and there is no gap until then. */
export interface FreezeEnd {
  readonly kind: 'Ends' | 'GoesOn';
  readonly at: number;
}

/** How the calendar is read; a caller who asks often remembers the answers. */
export interface CalendarReading {
  readonly beginOf: (window: FreezeWindow, now: number) => Begin;
  readonly endOf: (windows: readonly FreezeWindow[], now: number) => FreezeEnd;
}

/** Windows that are looked at, one after the other, for the end of a freeze: each costs about a millisecond for each window of the list. */
export const lookAhead = 32;

const fromTheCalendar: CalendarReading = { beginOf: lastBeginOf, endOf: (windows, now) => endOfFreeze(windows, { now, lookAhead }) };

/** The freeze that holds releases now, the one that ends last; a window that can't be read holds them until it is mended. */
export function freezeAt(windows: readonly FreezeWindow[], now: number, { beginOf, endOf }: CalendarReading = fromTheCalendar): Hindrance | undefined {
  const active = windows.flatMap((window, index) => standing(window, { index, now, beganAt: beginOf(window, now).at }) ?? []);
  const [last] = active.toSorted((left, right) => right.endsAt - left.endsAt);
  if (last === undefined || last.hindrance !== undefined) return last?.hindrance;
  const end = endOf(windows, now);
  const lasts = end.kind === 'GoesOn' ? `does not end before ${isoTime(end.at)}, because its windows follow each other without a gap` : `lasts until ${isoTime(end.at)}${end.at > last.endsAt ? ', with the windows that follow it without a gap' : ''}`;
  return { reason: 'Freeze', message: `Freeze "${last.name}" ${lasts}; until then releases neither begin nor take more traffic` };
}

/** The end of all windows that follow each other without a gap from `now` on; at most `lookAhead` of them are gone through. */
export function endOfFreeze(windows: readonly FreezeWindow[], { now, lookAhead: atMost }: { readonly now: number; readonly lookAhead: number }): FreezeEnd {
  let at = now;
  for (let look = 0; look < atMost; look += 1) {
    const next = Math.max(at, ...windows.map((window) => lastEndOf(window, at)));
    if (next === at) return { kind: 'Ends', at };
    at = next;
  }
  return { kind: 'GoesOn', at };
}

/** Of the window that began last. */
function lastEndOf(window: FreezeWindow, at: number): number {
  const { at: began } = lastBeginOf(window, at);
  return typeof began === 'number' ? began + durationMilliseconds(window.duration) : at;
}

interface Standing {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
  /** Of one that can't be read. */
  readonly hindrance?: Hindrance;
}

interface Look {
  /** Of the window, in the list. */
  readonly index: number;
  readonly now: number;
  readonly beganAt: number | UnreadableFreeze | undefined;
}

function standing({ name, duration }: FreezeWindow, { index, now, beganAt }: Look): Standing | undefined {
  if (beganAt instanceof Error) {
    const message = `Nothing is released until freeze "${name}" is corrected: ${beganAt.sentenceAt(index)}`;
    return { name, endsAt: Number.POSITIVE_INFINITY, hindrance: { reason: 'Freeze', message, correction: 'InvalidFreeze' } };
  }
  if (beganAt === undefined) return undefined;
  const endsAt = beganAt + durationMilliseconds(duration);
  return now >= endsAt ? undefined : { name, endsAt };
}

const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** When the window began last at or before `now`, and until when that is so. */
export function lastBeginOf(window: FreezeWindow, now: number): Begin {
  try {
    const cron = new Cron(window.schedule, { timezone: window.timeZone, mode: '5-part', paused: true });
    const { last: at, next } = runsAround(cron, now, window.timeZone);
    if (next === undefined) return { ...always, at: faultOf(window) };
    return at === undefined ? { from: now, until: next } : { from: at, until: next, at };
  } catch (error) {
    return { ...always, at: faultOf(window, error) };
  }
}

/** A freeze that holds every release until somebody corrects it. */
export interface EndlessFreeze {
  /** In the list. */
  readonly index: number;
  readonly name: string;
  readonly fault: UnreadableFreeze;
}

/** The windows of which nobody can tell when they begin; empty where all can be read. Epoch milliseconds. */
export function endlessFreezes(windows: readonly FreezeWindow[], now: number): EndlessFreeze[] {
  return windows.flatMap((window, index) => {
    const { at: fault } = lastBeginOf(window, now);
    return fault instanceof Error ? [{ index, name: window.name, fault }] : [];
  });
}

/** Windows gone through before it is said that they have no end in sight: two weeks of one that begins each hour. */
const windowsWithoutEnd = 400;

/** From when and until when, at least, the windows hold releases without a gap; undefined where they end. Epoch milliseconds. */
export function freezeWithoutEnd(windows: readonly FreezeWindow[], now: number): { readonly from: number; readonly until: number } | undefined {
  const begins = windows.map((window) => lastBeginOf(window, now));
  // What can't be read has a fault of its own.
  if (begins.length === 0 || begins.some(({ at }) => at instanceof Error)) return undefined;
  const frozen = endOfFreeze(windows, { now, lookAhead: 1 }).at > now;
  const from = frozen ? now : Math.min(...begins.map(({ until }) => until));
  const end = endOfFreeze(windows, { now: from, lookAhead: windowsWithoutEnd });
  return end.kind === 'GoesOn' ? { from, until: end.at } : undefined;
}

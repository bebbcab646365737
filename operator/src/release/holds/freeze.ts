import { durationMilliseconds } from '@sluice/crds';
import type { FreezeWindow } from '@sluice/crds';
import { Cron } from 'croner';
import { isoTime } from '../../evidence/clock-time.ts';
import type { Hindrance } from '../observation.ts';

/** Croner works in whole seconds and looks for runs before a time, without it. */
const secondMs = 1_000;

/** When a window began last, as it is told in [from, until); epoch milliseconds. */
export interface Begin {
  readonly from: number;
  readonly until: number;
  /** Absent: never yet. An Error where the schedule or the time zone is none, or never comes. */
  readonly at?: number | Error;
}

/** The freeze that holds releases now, the one that ends last; a window that can't be read holds them until it is mended. */
export function freezeAt(windows: readonly FreezeWindow[], now: number, beginOf: (window: FreezeWindow, now: number) => Begin = lastBeginOf): Hindrance | undefined {
  const active = windows.flatMap((window) => standing(window, now, beginOf(window, now).at) ?? []);
  return active.toSorted((left, right) => right.endsAt - left.endsAt)[0]?.hindrance;
}

interface Standing {
  /** Epoch milliseconds. */
  readonly endsAt: number;
  readonly hindrance: Hindrance;
}

function standing({ name, schedule, duration, timeZone }: FreezeWindow, now: number, beganAt: number | Error | undefined): Standing | undefined {
  if (beganAt instanceof Error) {
    const message = `Freeze "${name}" can't be read, so nothing is released: rollout.freezes has schedule "${schedule}" and timeZone "${timeZone}": ${beganAt.message}`;
    return { endsAt: Number.POSITIVE_INFINITY, hindrance: { reason: 'Freeze', message } };
  }
  if (beganAt === undefined) return undefined;
  const endsAt = beganAt + durationMilliseconds(duration);
  if (now >= endsAt) return undefined;
  return { endsAt, hindrance: { reason: 'Freeze', message: `Freeze "${name}" lasts until ${isoTime(endsAt)}; until then releases neither begin nor take more traffic` } };
}

const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** When the window began last at or before `now`, and until when that is so. */
export function lastBeginOf({ schedule, timeZone }: FreezeWindow, now: number): Begin {
  try {
    const cron = new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
    const next = cron.nextRun(new Date(now))?.getTime();
    if (next === undefined) return { ...always, at: new Error('no such day ever comes') };
    const at = cron.previousRuns(2, new Date(now + secondMs)).map((run) => run.getTime()).find((run) => run <= now);
    return at === undefined ? { from: now, until: next } : { from: at, until: next, at };
  } catch (error) {
    return { ...always, at: error instanceof Error ? error : new Error(String(error)) };
  }
}

import { durationMilliseconds } from '@sluice/crds';
import type { FreezeWindow } from '@sluice/crds';
import { Cron } from 'croner';
import { isoTime } from '../../evidence/clock-time.ts';
import type { Hindrance } from '../observation.ts';

/** Croner works in whole seconds and looks for runs before a time, without it. */
const secondMs = 1_000;

/** The freeze that holds releases now, the one that ends last; a window that can't be read holds them until it is mended. */
export function freezeAt(windows: readonly FreezeWindow[], now: number): Hindrance | undefined {
  const active = windows.flatMap((window) => standing(window, now) ?? []);
  return active.toSorted((left, right) => right.endsAt - left.endsAt)[0]?.hindrance;
}

interface Standing {
  /** Epoch milliseconds. */
  readonly endsAt: number;
  readonly hindrance: Hindrance;
}

function standing(window: FreezeWindow, now: number): Standing | undefined {
  const { name, schedule, duration, timeZone } = window;
  const beganAt = lastBegin(window, now);
  if (beganAt instanceof Error) {
    const message = `Freeze "${name}" can't be read, so nothing is released: rollout.freezes has schedule "${schedule}" and timeZone "${timeZone}": ${beganAt.message}`;
    return { endsAt: Number.POSITIVE_INFINITY, hindrance: { reason: 'Freeze', message } };
  }
  const endsAt = (beganAt ?? Number.NEGATIVE_INFINITY) + durationMilliseconds(duration);
  if (beganAt === undefined || now >= endsAt) return undefined;
  return { endsAt, hindrance: { reason: 'Freeze', message: `Freeze "${name}" lasts until ${isoTime(endsAt)}; until then releases neither begin nor take more traffic` } };
}

/** Epoch milliseconds of the latest begin at or before `now`; an Error where the schedule or the time zone is none. */
function lastBegin({ schedule, timeZone }: FreezeWindow, now: number): number | undefined | Error {
  try {
    const cron = new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
    return cron.previousRuns(2, new Date(now + secondMs)).map((run) => run.getTime()).find((run) => run <= now);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

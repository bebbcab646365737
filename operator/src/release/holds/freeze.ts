import { durationMilliseconds } from '@sluice/crds';
import type { FreezeWindow } from '@sluice/crds';
import { Cron } from 'croner';
import { isoTime } from '../../evidence/clock-time.ts';
import { faultOf } from './freeze-fault.ts';
import type { UnreadableFreeze } from './freeze-fault.ts';
import type { Hindrance } from '../observation.ts';

/** Croner works in whole seconds and looks for runs before a time, without it. */
const secondMs = 1_000;

/** When a window began last, as it is told in [from, until); epoch milliseconds. */
export interface Begin {
  readonly from: number;
  readonly until: number;
  /** Absent: never yet. An Error where the schedule or the time zone is none, or it never comes. */
  readonly at?: number | UnreadableFreeze;
}

/** The freeze that holds releases now, the one that ends last; a window that can't be read holds them until it is mended. */
export function freezeAt(windows: readonly FreezeWindow[], now: number, beginOf: (window: FreezeWindow, now: number) => Begin = lastBeginOf): Hindrance | undefined {
  const active = windows.flatMap((window, index) => standing(window, { index, now, beganAt: beginOf(window, now).at }) ?? []);
  return active.toSorted((left, right) => right.endsAt - left.endsAt)[0]?.hindrance;
}

interface Standing {
  /** Epoch milliseconds. */
  readonly endsAt: number;
  readonly hindrance: Hindrance;
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
    return { endsAt: Number.POSITIVE_INFINITY, hindrance: { reason: 'Freeze', message, correction: 'InvalidFreeze' } };
  }
  if (beganAt === undefined) return undefined;
  const endsAt = beganAt + durationMilliseconds(duration);
  if (now >= endsAt) return undefined;
  return { endsAt, hindrance: { reason: 'Freeze', message: `Freeze "${name}" lasts until ${isoTime(endsAt)}; until then releases neither begin nor take more traffic` } };
}

const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** When the window began last at or before `now`, and until when that is so. */
export function lastBeginOf(window: FreezeWindow, now: number): Begin {
  try {
    const cron = new Cron(window.schedule, { timezone: window.timeZone, mode: '5-part', paused: true });
    const next = cron.nextRun(new Date(now))?.getTime();
    if (next === undefined) return { ...always, at: faultOf(window) };
    const at = cron.previousRuns(2, new Date(now + secondMs)).map((run) => run.getTime()).find((run) => run <= now);
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

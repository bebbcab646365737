import type { FreezeWindow } from '@sluice/crds';
import { freezeAt, lastBeginOf } from './freeze.ts';
import type { Begin } from './freeze.ts';
import type { Hindrance } from '../observation.ts';

/** Schedules that are remembered; the one that was asked for longest ago goes first. */
const maxSchedules = 2_000;

/** Remembers when the windows of freezes begin: to find that out takes milliseconds, a schedule that never comes tens of them, and it is asked at every look. */
export class FreezeCalendar {
  readonly #begins = new Map<string, Begin>();

  /** The freeze that holds releases at `now`, epoch milliseconds. */
  at(windows: readonly FreezeWindow[], now: number): Hindrance | undefined {
    return windows.length === 0 ? undefined : freezeAt(windows, now, (window, time) => this.#begin(window, time));
  }

  #begin(window: FreezeWindow, now: number): Begin {
    const key = `${window.timeZone} ${window.schedule}`;
    const known = this.#begins.get(key);
    const begin = known !== undefined && now >= known.from && now < known.until ? known : lastBeginOf(window, now);
    this.#begins.delete(key);
    this.#begins.set(key, begin);
    const [oldest] = this.#begins.keys();
    if (this.#begins.size > maxSchedules && oldest !== undefined) this.#begins.delete(oldest);
    return begin;
  }
}

import type { FreezeWindow } from '@sluice/crds';
import { endOfFreeze, freezeAt, lastBeginOf, lookAhead } from './freeze.ts';
import type { Begin, FreezeEnd } from './freeze.ts';
import { remember } from '../../remember.ts';
import type { Hindrance } from '../observation.ts';

/** Schedules, and lists of them, that are remembered; the one that was asked for longest ago goes first. */
const maxSchedules = 2_000;

/** An answer, and when it is one: in [from, until), epoch milliseconds. */
interface Timed {
  readonly from: number;
  readonly until: number;
}

/** Remembers when the windows of freezes begin and end: to find that out takes milliseconds, a schedule that never comes tens of them, and it is asked at every look. */
export class FreezeCalendar {
  readonly #begins = new Map<string, Begin>();
  readonly #ends = new Map<string, FreezeEnd & Timed>();

  /** The freeze that holds releases at `now`, epoch milliseconds. */
  at(windows: readonly FreezeWindow[], now: number): Hindrance | undefined {
    if (windows.length === 0) return undefined;
    return freezeAt(windows, now, { beginOf: (window, time) => this.#begin(window, time), endOf: (all, time) => this.#end(all, time) });
  }

  #begin(window: FreezeWindow, now: number): Begin {
    return remembered(this.#begins, { key: `${window.timeZone} ${window.schedule}`, now, find: () => lastBeginOf(window, now) });
  }

  #end(windows: readonly FreezeWindow[], now: number): FreezeEnd {
    const key = windows.map(({ timeZone, schedule, duration }) => `${timeZone} ${schedule} ${duration}`).join('\n');
    return remembered(this.#ends, { key, now, find: () => timed(endOfFreeze(windows, { now, lookAhead }), now) });
  }
}

/** Until it ends; one that goes on is looked at again half-way to where it was looked. */
function timed(end: FreezeEnd, from: number): FreezeEnd & Timed {
  return { ...end, from, until: end.kind === 'Ends' ? end.at : (from + end.at) / 2 };
}

function remembered<Answer extends Timed>(answers: Map<string, Answer>, { key, now, find }: { readonly key: string; readonly now: number; readonly find: () => Answer }): Answer {
  const known = answers.get(key);
  const answer = known !== undefined && now >= known.from && now < known.until ? known : find();
  remember(answers, key, answer, maxSchedules);
  return answer;
}

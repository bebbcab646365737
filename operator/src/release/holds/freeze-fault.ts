import { isTimeZone } from '@sluice/crds';
import type { FreezeWindow } from '@sluice/crds';

/** A window of which nobody can tell when it begins: it holds every release until somebody corrects it. */
export class UnreadableFreeze extends Error {
  override readonly name = 'UnreadableFreeze';
  readonly field: 'timeZone' | 'schedule';

  constructor(field: 'timeZone' | 'schedule', message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.field = field;
  }

  /** One sentence with the place, the value and what to write; `index` is that of the window in rollout.freezes. */
  sentenceAt(index: number): string {
    return `rollout.freezes[${index}].${this.field} ${this.message}`;
  }
}

/** Which field is at fault; `cause` is what the reader of schedules says, absent where it read one that never comes. */
export function faultOf({ schedule, timeZone }: Pick<FreezeWindow, 'schedule' | 'timeZone'>, cause?: unknown): UnreadableFreeze {
  if (cause === undefined) return new UnreadableFreeze('schedule', `is "${schedule}", a day that never comes: write one that does, or remove the freeze`);
  if (!isTimeZone(timeZone)) return new UnreadableFreeze('timeZone', `is "${timeZone}", which the time zone database does not have: write for example "Europe/Berlin"`, { cause });
  return new UnreadableFreeze('schedule', `is "${schedule}", which can't be read as minute, hour, day of month, month and day of week: write for example "0 16 * * FRI"`, { cause });
}

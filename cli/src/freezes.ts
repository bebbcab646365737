import type { FreezeWindow } from '@sluice/crds';
import { lastBeginOf } from '@sluice/operator/src/release/holds/freeze.ts';

/** A freeze that the operator could not read: it holds every release until it is corrected. */
export interface UnreadableFreeze {
  /** In the list. */
  readonly index: number;
  readonly name: string;
  readonly field: 'timeZone' | 'schedule';
  /** Such as "the time zone \"Europe/Berln\" is not known". */
  readonly why: string;
}

/** Found by the operator's own reading of them; `now` is in milliseconds since the epoch. */
export function unreadableFreezes(freezes: readonly FreezeWindow[] | undefined, now: number): UnreadableFreeze[] {
  return (freezes ?? []).flatMap((freeze, index) => {
    const { at } = lastBeginOf(freeze, now);
    return at instanceof Error ? [{ index, name: freeze.name, ...fault(freeze, at, now) }] : [];
  });
}

/** The schedule is at fault where it can't be read in UTC either. */
function fault(freeze: FreezeWindow, error: Error, now: number): Pick<UnreadableFreeze, 'field' | 'why'> {
  const { at } = lastBeginOf({ ...freeze, timeZone: 'UTC' }, now);
  if (!(at instanceof Error)) return { field: 'timeZone', why: `the time zone "${freeze.timeZone}" is not known` };
  return { field: 'schedule', why: `the schedule "${freeze.schedule}" ${neverBegins(error) ? 'never begins, because no such day ever comes' : 'cannot be read as minute, hour, day, month and day of the week'}` };
}

function neverBegins({ message }: Error): boolean {
  return message === 'no such day ever comes';
}

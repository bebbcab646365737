import { type SecretVersion, settleMs } from '../../revision/index.ts';

/** What separates a version from a sighting in a note; neither has it. */
const separator = '~';

/**
 * Whether another content may still get the version of this one. `now`: epoch milliseconds.
 * A clock that was put back does not make anybody wait for longer.
 */
export function isUnsettled({ unsettledUntil = 0 }: SecretVersion, now: number): boolean {
  return unsettledUntil > now && unsettledUntil - now <= settleMs;
}

/** What is written down of a Secret that pods were started with: until it is settled, with what tells it from a later content of the same version. */
export function noteOf({ version, sighting }: SecretVersion, state: 'Settled' | 'Unsettled'): string {
  return state === 'Unsettled' && sighting !== undefined ? `${version}${separator}${sighting}` : version;
}

/**
 * What has happened to a Secret since it was written down. `Rewritten`: its data by the manager that had written it in the same second, as
 * nobody else has written to it.
 */
export function changeSince(note: string, { version, sighting }: SecretVersion): 'None' | 'Changed' | 'Rewritten' {
  const [noted = '', seen] = note.split(separator);
  if (noted !== version) return 'Changed';
  if (seen === undefined || sighting === undefined || seen === sighting) return 'None';
  return othersOf(seen) === othersOf(sighting) ? 'Rewritten' : 'None';
}

function othersOf(sighting: string): string {
  return sighting.slice(sighting.indexOf('+'));
}

import type { CrashCount } from '@sluice/crds';
import { exceedsPast, exceedsShare, excessEvidence, excessRisk, fewestCrashes } from './crash-excess.ts';
import type { RevisionScale } from './observation.ts';

/** What crashes say. `Few`: nothing yet. `Shared`: no more than the stable revision's explain. `Excess`: the new revision must go back. */
export interface CrashVerdict {
  readonly kind: 'Few' | 'Shared' | 'Excess';
  /** One sentence with the numbers of both revisions, without a full stop. */
  readonly message: string;
}

export interface RevisionNames {
  readonly canary: string;
  readonly stable: string;
}

/**
 * Judges the crashes of a release from its count. Nothing below three is a finding. A new revision all of whose pods wait to be started
 * again goes back whatever the stable one does, and so does one that crashes where no pod of the stable one ever ran. Pure.
 */
export function judgeCrashes(count: CrashCount, names: RevisionNames, canary: Pick<RevisionScale, 'watched'>): CrashVerdict {
  const facts = crashFacts(count, names);
  if (count.canary.crashes < fewestCrashes) return { kind: 'Few', message: facts };
  const why = isLooping(canary) ? 'and every pod of it is in CrashLoopBackOff' : excess(count, names);
  return why === undefined ? { kind: 'Shared', message: `${facts}: no more than those explain` } : { kind: 'Excess', message: `${facts}, ${why}` };
}

function isLooping({ watched = [] }: Pick<RevisionScale, 'watched'>): boolean {
  const staying = watched.filter(({ state }) => state !== 'Leaving');
  return staying.length > 0 && staying.every(({ state }) => state === 'CrashLoop');
}

/** Why the crashes are the new revision's own. */
function excess({ canary, stable, before, expected, alone }: CrashCount, names: RevisionNames): string | undefined {
  const podTime = canary.podMilliseconds;
  const apart = excessAlone({ alone, podTime, past: { crashes: before.crashes + stable.crashes, podTime: before.podMilliseconds + stable.podMilliseconds } }, names);
  if (apart !== undefined) return apart;
  const crashes = canary.crashes - alone;
  const sameTime = { canary: crashes, stable: stable.crashes, expected };
  // The past alone would take any cause that begins to make both crash for one of the new revision.
  if (exceedsShare(sameTime) && exceedsPast({ canary: { crashes, podTime }, past: { crashes: before.crashes, podTime: before.podMilliseconds } })) {
    return `more than its share of the pods explains; those crashed ${times(before.crashes)} in ${podTimeText(before.podMilliseconds)} before (chance: below ${excessRisk * 100} %)`;
  }
  if (excessEvidence(sameTime) < 1 / excessRisk) return undefined;
  return `which is more than pods that crash equally often explain (chance: below ${excessRisk * 100} %)`;
}

interface Alone {
  readonly alone: number;
  /** Milliseconds of the new revision's pods. All of them, as those without a stable pod are not told apart: that makes its crashes less surprising only. */
  readonly podTime: number;
  /** Of the stable revision's pods up to now, in milliseconds too. */
  readonly past: { readonly crashes: number; readonly podTime: number };
}

/** As above, of those that came while no stable pod ran: a step of all the traffic may last for days. */
function excessAlone({ alone, podTime, past }: Alone, { stable }: RevisionNames): string | undefined {
  const apart = `${times(alone)} of these while no pod of revision ${stable} was there to compare with`;
  if (past.podTime <= 0) return alone >= fewestCrashes ? apart : undefined;
  if (!exceedsPast({ canary: { crashes: alone, podTime }, past })) return undefined;
  return `${apart}, whose pods crashed ${times(past.crashes)} in ${podTimeText(past.podTime)} until then (chance: below ${excessRisk * 100} %)`;
}

/** The numbers of both revisions, as the beginning of a sentence. */
export function crashFacts({ canary, stable }: Pick<CrashCount, 'canary' | 'stable'>, names: RevisionNames): string {
  const of = ({ crashes, podMilliseconds }: CrashCount['canary']): string => `${times(crashes)} in ${podTimeText(podMilliseconds)}`;
  return `Containers of revision ${names.canary} crashed ${of(canary)}, meanwhile those of revision ${names.stable} ${of(stable)}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function podTimeText(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes < 120 ? `${Math.round(minutes * 10) / 10} pod-minutes` : `${Math.round(minutes / 6) / 10} pod-hours`;
}

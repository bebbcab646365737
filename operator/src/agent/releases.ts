import type { Release } from '@sluice/crds';
import { isTerminal } from '../release/decision.ts';

/** What the Releases of one agent say together; they are the record from which everything else follows. */
export interface ReleaseLedger {
  /** Oldest first. */
  readonly all: readonly Release[];
  /** The one that is on its way. */
  readonly active?: Release;
  readonly latest?: Release;
  /** The revision that serves: the one that was promoted last. */
  readonly stableRevision?: string;
}

const sequencePattern = /-([0-9]+)$/;

/** The number at the end of a release's name: 1 for an agent's first release. */
export function sequenceOf(release: Release): number {
  return Number(sequencePattern.exec(release.metadata.name)?.[1] ?? 0);
}

/** Orders the releases of one agent by their number and reads the state of the agent from them. */
export function readLedger(releases: readonly Release[]): ReleaseLedger {
  const all = releases.toSorted((left, right) => sequenceOf(left) - sequenceOf(right));
  const active = all.findLast((release) => !isTerminal(release.status?.phase));
  const latest = all.at(-1);
  const promoted = all.findLast((release) => release.status?.phase === 'Promoted');
  return {
    all,
    ...(active === undefined ? {} : { active }),
    ...(latest === undefined ? {} : { latest }),
    ...(promoted === undefined ? {} : { stableRevision: promoted.spec.revision }),
  };
}

/** `<agent>-<number>`; the number goes up by one, so that a repeated attempt to create the same release meets the first one. */
export function nextReleaseName(agentName: string, ledger: ReleaseLedger): string {
  const last = ledger.latest === undefined ? 0 : sequenceOf(ledger.latest);
  return `${agentName}-${last + 1}`;
}

/** The release in which a revision failed last, unless it was promoted since. A failed revision is not tried again by itself. */
export function rejectionOf(revision: string, ledger: ReleaseLedger): Release | undefined {
  const verdict = ledger.all.findLast(
    (release) => release.spec.revision === revision && (release.status?.phase === 'RolledBack' || release.status?.phase === 'Promoted'),
  );
  return verdict?.status?.phase === 'RolledBack' ? verdict : undefined;
}

export function wasPromoted(revision: string, ledger: ReleaseLedger): boolean {
  return ledger.all.some((release) => release.spec.revision === revision && release.status?.phase === 'Promoted') && rejectionOf(revision, ledger) === undefined;
}

/** Finished releases beyond the limit, oldest first; never the one whose revision serves, never the latest. */
export function expiredReleases(ledger: ReleaseLedger, historyLimit: number): readonly Release[] {
  const serving = ledger.all.findLast((release) => release.status?.phase === 'Promoted');
  const finished = ledger.all.filter((release) => isTerminal(release.status?.phase));
  return finished.slice(0, Math.max(0, finished.length - historyLimit)).filter((release) => release !== serving && release !== ledger.latest);
}

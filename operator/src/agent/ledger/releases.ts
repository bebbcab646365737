import type { Release } from '@sluice/crds';
import { isTerminal } from '../../release/decision.ts';

/** What the Releases of one agent say together; they are the record from which everything else follows. */
export interface ReleaseLedger {
  /** Oldest first. */
  readonly all: readonly Release[];
  /** The one that is on its way. */
  readonly active?: Release;
  readonly latest?: Release;
  /** The one that was promoted last. */
  readonly serving?: Release;
  /** The revision that serves: that of `serving`. */
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
  const serving = all.findLast((release) => release.status?.phase === 'Promoted');
  return {
    all,
    ...(active === undefined ? {} : { active }),
    ...(latest === undefined ? {} : { latest }),
    ...(serving === undefined ? {} : { serving, stableRevision: serving.spec.revision }),
  };
}

/** `<agent>-<number>`; the number goes up by one, so that a repeated attempt to create the same release meets the first one. */
export function nextReleaseName(agentName: string, ledger: ReleaseLedger): string {
  const last = ledger.latest === undefined ? 0 : sequenceOf(ledger.latest);
  return `${agentName}-${last + 1}`;
}

/** The release in which a revision failed, was aborted or was undone last, unless it was promoted since. Such a revision is not tried again by itself. */
export function rejectionOf(revision: string, ledger: ReleaseLedger): Release | undefined {
  const verdict = ledger.all.findLast(({ spec, status }) => spec.revision === revision && isVerdict(status?.phase));
  return verdict !== undefined && (verdict.status?.phase !== 'Promoted' || isUndone(verdict)) ? verdict : undefined;
}

/**
 * The release with which a person took a spec.agent back, by abort or undo, if nothing came of that spec.agent since but what serves is
 * another one. Whatever else a revision is made of, it is not tried again by itself then. What failed is another matter: other inputs may be
 * its cure, so it is remembered by its revision alone. So is what the release that serves, too, asked for: the change that was taken back
 * was not one of spec.agent.
 */
export function takenBackWith(agentDigest: string, { all, serving }: ReleaseLedger): Release | undefined {
  const verdict = all.findLast(({ spec, status }) => spec.agentDigest === agentDigest && isVerdict(status?.phase));
  if (verdict === undefined || !isTakenBack(verdict)) return undefined;
  return serving !== verdict && serving?.spec.agentDigest === agentDigest ? undefined : verdict;
}

/** By a person: that others of its group failed says nothing against what it asked for. */
function isTakenBack(release: Release): boolean {
  return release.status?.phase === 'Aborted' || (isUndone(release) && release.status?.reason !== 'GroupRolledBack');
}

function isVerdict(phase: NonNullable<Release['status']>['phase']): boolean {
  return phase === 'RolledBack' || phase === 'Aborted' || phase === 'Promoted';
}

/** Nothing was ever promoted, and somebody aborted what was to be: the agent answers nobody until another release begins. */
export function servesNobody({ active, latest, stableRevision }: ReleaseLedger): boolean {
  return stableRevision === undefined && active === undefined && latest?.status?.phase === 'Aborted';
}

/**
 * Whether somebody aborted the first release of an agent with it, or with what had superseded it. There is nothing to go back to but what was
 * before, which is nobody: its pods go, though no others are ready, or what he took back, or what nobody asks for any more, would go on serving.
 */
export function isTakenBackForNobody(revision: string, ledger: ReleaseLedger): boolean {
  const { active, stableRevision } = ledger;
  if (stableRevision !== undefined) return false;
  return servesNobody(ledger) || (active?.spec.revision !== revision && rejectionOf(revision, ledger)?.status?.phase === 'Aborted');
}

/** Promoted, and taken back later. */
export function isUndone({ status }: Release): boolean {
  return status?.phase === 'Promoted' && status.undoTo !== undefined;
}

export function wasPromoted(revision: string, ledger: ReleaseLedger): boolean {
  return ledger.all.some((release) => release.spec.revision === revision && release.status?.phase === 'Promoted') && rejectionOf(revision, ledger) === undefined;
}

/** A revision that a release of cause Undo brings back needs no new proof: it was promoted, and if anything took it back since, a person did. */
export function isBroughtBack(revision: string, ledger: ReleaseLedger): boolean {
  return promotionOf(revision, ledger) !== undefined && speaksAgainstIt(rejectionOf(revision, ledger)) !== 'Failure';
}

/** Promoted revisions that one can go back to, the latest first; without the one that serves. */
export function returnableRevisions(ledger: ReleaseLedger, stored: { has(revision: string): boolean }): readonly string[] {
  return promotedBefore(ledger, stored).filter((revision) => speaksAgainstIt(rejectionOf(revision, ledger)) === 'Nothing');
}

/** Promoted revisions that a person took back and nothing failed in since, the latest first: one goes back to such a one where a person names it. */
export function undoneRevisions(ledger: ReleaseLedger, stored: { has(revision: string): boolean }): readonly string[] {
  return promotedBefore(ledger, stored).filter((revision) => speaksAgainstIt(rejectionOf(revision, ledger)) === 'Person');
}

/** That are stored; without the one that serves. */
function promotedBefore({ all, stableRevision }: ReleaseLedger, stored: { has(revision: string): boolean }): readonly string[] {
  const promoted = all.toReversed().filter(({ status }) => status?.phase === 'Promoted').map(({ spec }) => spec.revision);
  return [...new Set(promoted)].filter((revision) => revision !== stableRevision && stored.has(revision));
}

/** What a release that stands against a revision says of it. An abort is of an attempt that has proven nothing, so it counts as a failure here. */
function speaksAgainstIt(rejection: Release | undefined): 'Nothing' | 'Person' | 'Failure' {
  if (rejection === undefined) return 'Nothing';
  return isUndone(rejection) && isTakenBack(rejection) ? 'Person' : 'Failure';
}

export interface HistoryBounds {
  /** Finished releases that are kept besides those that something depends on. */
  readonly historyLimit: number;
  readonly records: { has(revision: string): boolean };
}

export interface ExpiredReleases {
  /** To be deleted. */
  readonly expired: readonly Release[];
  /** Kept only because their revisions failed, or for what was measured of them: nothing can go back to these. */
  readonly remembered: readonly Release[];
}

/** Failed revisions that are remembered beyond the history; the one that failed longest ago is forgotten first. */
export const maxRejections = 50;

/** Superseded releases whose evidence is kept beyond the history; the oldest is forgotten first. */
const maxEvidence = 20;

/** What its gates have learned of a revision is carried on when that is asked for again: a change of the spec and back is no way to begin anew. */
function bearsEvidence(release: Release, ledger: ReleaseLedger): boolean {
  const { spec: { revision }, status } = release;
  // A later attempt has been given what the earlier ones learned.
  const latest = ledger.all.findLast(({ spec, status: said }) => spec.revision === revision && (spec.carried !== undefined || said?.gate?.startedAt !== undefined));
  return release === latest && status?.phase === 'Superseded' && !wasPromoted(revision, ledger);
}

/**
 * Finished releases beyond the limit, oldest first; never the one whose revision serves, never the one to go back to from there, never the
 * latest, never what stands against a revision, nor what gates have counted of one: it may be asked for again at any time.
 */
export function expireReleases(ledger: ReleaseLedger, { historyLimit, records }: HistoryBounds): ExpiredReleases {
  const finished = ledger.all.filter((release) => isTerminal(release.status?.phase));
  const [before] = returnableRevisions(ledger, records);
  const back = promotionOf(before, ledger);
  const standing = finished.filter((release) => stands(release, ledger)).slice(-maxRejections);
  // What is being gone back to is known to have been promoted by this alone.
  const goingBack = [ledger.serving?.status?.undoTo, ledger.active?.spec.revision].map((revision) => promotionOf(revision, ledger));
  const kept = new Set([ledger.serving, back, ledger.latest, ...goingBack]);
  const old = finished.slice(0, Math.max(0, finished.length - historyLimit)).filter((release) => !kept.has(release));
  const evidence = old.filter((release) => bearsEvidence(release, ledger)).slice(-maxEvidence);
  // That a Retry was done is known by the release that it began.
  const retries = standing.map(({ metadata }) => ledger.all.findLast(({ spec }) => spec.retryOf === metadata.name));
  const remembered = old.filter((release) => [standing, evidence, retries].some((each) => each.includes(release)));
  return { expired: old.filter((release) => !remembered.includes(release)), remembered };
}

function promotionOf(revision: string | undefined, { all }: ReleaseLedger): Release | undefined {
  return all.findLast(({ spec, status }) => spec.revision === revision && status?.phase === 'Promoted');
}

function stands(release: Release, ledger: ReleaseLedger): boolean {
  const { revision, agentDigest } = release.spec;
  return rejectionOf(revision, ledger) === release || (agentDigest !== undefined && takenBackWith(agentDigest, ledger) === release);
}

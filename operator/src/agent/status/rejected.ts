import type { Release } from '@sluice/crds';
import type { AgentObservation } from '../observation.ts';
import { standingRejection } from '../ledger/rejection.ts';
import { isUndone, takenBackWith } from '../ledger/releases.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import type { Health } from './health.ts';

/** What the spec asks for is not tried again by itself. Told from what is now: the sentence of the release that failed speaks of its own time. */
export function rejected(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  const { agent, desired } = observation;
  const rejection = standingRejection(observation, ledger);
  if (rejection === undefined || desired.kind === 'Unresolved') return undefined;
  const wanted = desired.record.revision;
  const retry = `change spec.agent, or ask for it (kubectl sluice retry ${agent.metadata.name})`;
  return {
    phase: 'Degraded',
    reason: isUndone(rejection) ? 'Undone' : (rejection.status?.reason ?? 'RolledBack'),
    message: `${serving(ledger, rejection)}; the spec asks for ${asked(wanted, rejection, ledger)}, which ${whatBecameOf(rejection)}. It is not tried again by itself: ${retry}. ${besides(rejection, ledger)}`,
  };
}

/** What serves, and who brought it back where that is not told by what became of the rejected one. */
function serving({ all, serving: now, stableRevision }: ReleaseLedger, rejection: Release): string {
  if (stableRevision === undefined) return 'No revision serves';
  const undone = now?.spec.cause === 'Undo' ? all.findLast((release) => isUndone(release) && release.status?.undoTo === stableRevision) : undefined;
  if (undone === undefined || undone === rejection) return `Revision ${stableRevision} serves`;
  return `Revision ${stableRevision} serves, because ${who(undone)} took revision ${undone.spec.revision} back`;
}

/** A rejection may stand against another revision than its own: one with the same spec.agent. */
function asked(wanted: string, { spec: { revision } }: Release, { stableRevision }: ReleaseLedger): string {
  if (revision !== wanted) return `revision ${wanted} with the spec.agent of revision ${revision}`;
  return wanted === stableRevision ? 'the same revision' : `revision ${wanted}`;
}

function whatBecameOf(rejection: Release): string {
  const { metadata: { name }, status } = rejection;
  if (status?.phase === 'Promoted') return status.reason === 'GroupRolledBack' ? `${name} had promoted: ${withoutOutcome(rejection)}` : `${who(rejection)} took back after ${name} had promoted it${note(rejection)}`;
  return `${name} ${status?.phase === 'Aborted' ? 'took' : 'rolled'} back: ${withoutOutcome(rejection)}`;
}

/** Why a release ended, without what its end came to at that time. */
function withoutOutcome({ status }: Release): string {
  const begun = status?.transitions?.findLast(({ phase }) => phase === 'RollingBack')?.message;
  const why = begun ?? status?.message ?? 'it does not say why';
  return why.replace(/^Roll(ing|ed) back: /, '').replace(/; revision \S+ (takes the|serves all the) traffic$/, '').replace(/\.$/, '');
}

function who({ status }: Release): string {
  if (status?.reason === 'GroupRolledBack') return 'its group';
  return (status?.handledIntent?.verb === 'Undo' ? status.handledIntent.by : undefined) ?? 'somebody';
}

function note({ status }: Release): string {
  const { verb, note: why } = status?.handledIntent ?? {};
  return verb !== 'Undo' || why === undefined ? '' : ` (${why})`;
}

/** What a rejection stands against besides. */
function besides(rejection: Release, ledger: ReleaseLedger): string {
  const { agentDigest } = rejection.spec;
  const other = 'Other content of a ConfigMap, image or provider that it uses';
  if (agentDigest !== undefined && takenBackWith(agentDigest, ledger) === rejection) return `${other} begins no release either, because a person took it back`;
  return `${other} makes another revision, which is released`;
}

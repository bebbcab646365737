import type { Release, ReleaseStatus } from '@sluice/crds';
import type { Notice } from './plan.ts';

/** Events for a change of phase, to be recorded once the change is stored. */
export function noticesOf(release: Release | undefined, next: ReleaseStatus | undefined): Notice[] {
  if (release === undefined || next === undefined) return [];
  return [...answerNotice(release, next), ...phaseNotice(release, next)];
}

function answerNotice({ status }: Release, { handledIntent }: ReleaseStatus): Notice[] {
  if (handledIntent === undefined || handledIntent.requestId === status?.handledIntent?.requestId) return [];
  const refused = handledIntent.outcome === 'Refused';
  // What was done is told by the change of phase that it leads to.
  return refused ? [{ type: 'Warning', reason: 'IntentRefused', message: handledIntent.message }] : [];
}

/** A rollback is told when it begins: how it ends says nothing new. */
function phaseNotice({ status }: Release, next: ReleaseStatus): Notice[] {
  const last = next.transitions?.at(-1);
  if (last === undefined || (next.phase === status?.phase && next.step === status?.step)) return [];
  const bad = next.phase === 'RollingBack' || next.phase === 'RolledBack' || next.phase === 'Held';
  return [{ type: bad ? 'Warning' : 'Normal', reason: `Release${next.phase ?? ''}`, message: last.message }];
}

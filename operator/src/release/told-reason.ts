import type { ReleaseStatus } from '@sluice/crds';

/** Why a release stands where it is, in a word: `Promoted` is no reason any more of what was taken back later. */
export function toldReason({ phase, undoTo, reason }: Pick<ReleaseStatus, 'phase' | 'undoTo' | 'reason'>): string | undefined {
  if (phase !== 'Promoted' || undoTo === undefined) return reason;
  return reason === 'GroupRolledBack' ? reason : 'Undone';
}

import type { FreezeWindow } from '@sluice/crds';
import { lastBeginOf } from '@sluice/operator/src/release/holds/freeze.ts';

/** A freeze that holds every release until somebody corrects it. */
export interface EndlessFreeze {
  /** In the list. */
  readonly index: number;
  readonly name: string;
  /** What is wrong with which field of it, in the operator's words. */
  readonly fault: { readonly field: 'timeZone' | 'schedule'; readonly message: string };
}

/** Freezes of which the operator cannot tell when they begin; `now` in milliseconds since the epoch. */
export function endlessFreezes(freezes: readonly FreezeWindow[] | undefined, now: number): EndlessFreeze[] {
  return (freezes ?? []).flatMap((freeze, index) => {
    const { at: fault } = lastBeginOf(freeze, now);
    return fault instanceof Error ? [{ index, name: freeze.name, fault }] : [];
  });
}

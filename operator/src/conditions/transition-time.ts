import type { Condition } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';

export interface StoredConditions {
  readonly stored: readonly Condition[] | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** `lastTransitionTime` of a condition: that of the stored one as long as its status stays, whatever is said of it. */
export function transitionTime({ type, status }: Pick<Condition, 'type' | 'status'>, { stored = [], now }: StoredConditions): string {
  const before = stored.find((condition) => condition.type === type);
  return before?.status === status ? before.lastTransitionTime : isoTime(now);
}

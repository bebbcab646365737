import type { Condition } from '@sluice/crds';
import { conditionMessage } from './bounded-sentence.ts';
import { transitionTime } from './transition-time.ts';

/** How far an attempt has come, for whoever waits for it. `Ended`: without what it was made for, which will not come of it any more. */
export type Standing = 'UnderWay' | 'WaitsForPerson' | 'Done' | 'Ended';

export interface Attempt {
  readonly standing: Standing;
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  readonly generation: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The conditions that are stored. */
  readonly before: readonly Condition[] | undefined;
}

type State = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * The conditions of a record of an attempt, a Release or an EvalRun, as kstatus reads them: Ready (what it was made for has come about),
 * Reconciling (it goes on by itself), Stalled (it has ended without). Whoever waits for one of them waits no longer than the attempt lasts
 * (docs/decisions/0094-what-has-ended-without-is-stalled.md).
 */
export function attemptConditions({ standing, reason, message, generation, now, before }: Attempt): Condition[] {
  const told = { reason, message: conditionMessage(message) };
  const states: readonly State[] = [
    { type: 'Ready', status: standing === 'Done' ? 'True' : 'False', ...told },
    standing === 'UnderWay' ? { type: 'Reconciling', status: 'True', ...told } : { type: 'Reconciling', status: 'False', reason: 'NotReconciling', message: 'Nothing is on its way by itself' },
    standing === 'Ended' ? { type: 'Stalled', status: 'True', ...told } : { type: 'Stalled', status: 'False', reason: 'NotStalled', message: 'Not stalled' },
  ];
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return states.map((state) => ({ ...state, lastTransitionTime: transitionTime(state, { stored: before, now }), ...observed }));
}

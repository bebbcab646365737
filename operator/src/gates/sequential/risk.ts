import type { GatePolicy } from './policy.ts';
import type { GateState } from './state.ts';

export interface Risk {
  /** For the bets that may be looked at at any time. */
  readonly anytime: { readonly promote: number; readonly rollback: number };
  /** For the one look at the deadline; 0 without the test. */
  readonly deadline: { readonly promote: number; readonly rollback: number };
}

/**
 * How the risks are spent. With a deadline test half goes to it. Attempt k (0 is the first) rolls back at alphaRollback / 2^k, so that
 * a good revision that is retried for ever is rolled back wrongly with a chance below twice alphaRollback in all. alphaPromote holds over
 * all attempts whose evidence is carried: their bets go on, and only the first that counts anything has the test of the deadline, which counts
 * anew and so could be asked until it says yes. An attempt that could not carry evidence has half of the risk of the one before: with any
 * number of edits of metrics and margins, below twice alphaPromote in all. What the test of an attempt before has spent is not there for the bets
 * of a later one that has none.
 */
export function riskOf({ alphaPromote, alphaRollback, deadlineTest }: GatePolicy, { attempt, freshStarts, deadlineSpent, deadlineTaken }: Pick<GateState, 'attempt' | 'freshStarts' | 'deadlineSpent' | 'deadlineTaken'>): Risk {
  const share = deadlineTest === 'On' ? 0.5 : 1;
  const bets = deadlineTaken === 'Yes' ? 0.5 : share;
  const spent = { promote: (alphaPromote / 2 ** freshStarts) * bets, rollback: (alphaRollback / 2 ** attempt) * share };
  if (deadlineTest === 'Off') return { anytime: spent, deadline: { promote: 0, rollback: 0 } };
  return { anytime: spent, deadline: deadlineSpent === 'Yes' ? { ...spent, promote: 0 } : spent };
}

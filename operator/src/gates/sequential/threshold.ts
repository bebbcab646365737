import { limitText } from './figures.ts';
import type { GatePolicy } from './policy.ts';
import { riskOf } from './risk.ts';
import type { GateState } from './state.ts';

/** What evidence must reach, all metrics together. */
export interface Threshold {
  readonly decides: number;
  /** Why that is more than the risk of the rollout says, such as "20, doubled for the retry: it halves the risk"; not set where it is not. */
  readonly why?: string;
}

type Spent = Pick<GateState, 'attempt' | 'freshStarts' | 'deadlineSpent'>;

export function rollbackThreshold(policy: GatePolicy, state: Spent): Threshold {
  return thresholdOf(riskOf(policy, state).anytime.rollback, policy.alphaRollback, causesOf(policy, state.attempt, ''));
}

export function proofThreshold(policy: GatePolicy, state: Spent): Threshold {
  return thresholdOf(riskOf(policy, state).anytime.promote, policy.alphaPromote, causesOf(policy, state.freshStarts, ' with other objectives or another stable revision'));
}

function thresholdOf(risk: number, alpha: number, causes: readonly string[]): Threshold {
  const decides = 1 / risk;
  return causes.length === 0 ? { decides } : { decides, why: `${limitText(1 / alpha)}, doubled for ${causes.join(' and for ')}: ${causes.length === 1 ? 'that' : 'each'} halves the risk` };
}

function causesOf({ deadlineTest }: GatePolicy, retries: number, which: string): string[] {
  const again = retries === 1 ? `the retry${which}` : `each of ${retries} retries${which}`;
  return [...(deadlineTest === 'On' ? ['the test at the deadline'] : []), ...(retries === 0 ? [] : [again])];
}

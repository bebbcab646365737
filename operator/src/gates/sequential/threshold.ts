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

type Spent = Pick<GateState, 'attempt' | 'freshStarts' | 'deadlineSpent' | 'deadlineTaken'>;

export function rollbackThreshold(policy: GatePolicy, state: Spent): Threshold {
  return thresholdOf(riskOf(policy, state).anytime.rollback, policy.alphaRollback, causesOf(testOf(policy), state.attempt, ''));
}

export function proofThreshold(policy: GatePolicy, state: Spent): Threshold {
  return thresholdOf(riskOf(policy, state).anytime.promote, policy.alphaPromote, causesOf(testOf(policy, state), state.freshStarts, ' with other objectives or another stable revision'));
}

function thresholdOf(risk: number, alpha: number, causes: readonly string[]): Threshold {
  const decides = 1 / risk;
  return causes.length === 0 ? { decides } : { decides, why: `${limitText(1 / alpha)}, doubled for ${causes.join(' and for ')}: ${causes.length === 1 ? 'that' : 'each'} halves the risk` };
}

/** The test that has half of the risk. */
function testOf({ deadlineTest }: GatePolicy, { deadlineTaken }: Pick<Spent, 'deadlineTaken'> = {}): string[] {
  if (deadlineTest === 'On') return ['the test at the deadline'];
  return deadlineTaken === 'Yes' ? ['the test at the deadline of an attempt before'] : [];
}

function causesOf(test: readonly string[], retries: number, which: string): string[] {
  const again = retries === 1 ? `the retry${which}` : `each of ${retries} retries${which}`;
  return [...test, ...(retries === 0 ? [] : [again])];
}

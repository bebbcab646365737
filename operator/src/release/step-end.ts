import { durationMilliseconds, type Release } from '@sluice/crds';
import { epochMsOf } from '../evidence/clock-time.ts';
import { leastStepMs, policyIn } from '../gates/release-gate/index.ts';
import { GatePolicyError, type GatePolicy } from '../gates/sequential/index.ts';
import { planOf, positionOf } from './plan.ts';

/** The soonest end of a step. */
export interface StepEnd {
  /** Epoch milliseconds. */
  readonly at: number;
  /** What is over last: its own duration; under objectives, that requests from before its weight have ended and a block is counted; in the last step, minDuration. */
  readonly waitsFor: 'Duration' | 'Settling' | 'MinDuration';
}

/** Of the step that a release is in; undefined where it has not begun. */
export function stepEndOf(release: Pick<Release, 'spec' | 'status'>): StepEnd | undefined {
  const { stepStartedAt, gate } = release.status ?? {};
  const position = positionOf(release);
  const began = epochMsOf(stepStartedAt);
  if (position === undefined || began === undefined) return undefined;
  const own: StepEnd = { at: began + durationMilliseconds(position.step.duration), waitsFor: 'Duration' };
  const policy = policyOfGate(release);
  if (policy === undefined) return own;
  const settled: StepEnd = { at: began + leastStepMs(0, policy), waitsFor: 'Settling' };
  const isLast = position.index === position.count - 1;
  const released: readonly StepEnd[] = isLast ? [{ at: (epochMsOf(gate?.startedAt) ?? began) + policy.minimumMs, waitsFor: 'MinDuration' }] : [];
  return [settled, ...released].reduce((latest, end) => (end.at > latest.at ? end : latest), own);
}

/** Undefined without objectives; and what a damaged record asks for is not known. */
function policyOfGate(release: Pick<Release, 'spec' | 'status'>): GatePolicy | undefined {
  const { gate } = release.status ?? {};
  if (gate === undefined || (planOf(release)?.gates?.objectives ?? []).length === 0) return undefined;
  try {
    return policyIn(gate);
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return undefined;
  }
}

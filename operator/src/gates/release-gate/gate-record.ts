import type { GateRecord } from '@sluice/crds';
import { checkPolicy, GatePolicyError, type GatePolicy, type GateState } from '../sequential/index.ts';

/** The policy of a record. Throws a GatePolicyError for one that nothing can be judged by, as after an edit by hand. */
export function policyIn({ policy }: Pick<GateRecord, 'policy'>): GatePolicy {
  const { metrics, steps } = policy as Partial<GatePolicy>;
  if (!Array.isArray(metrics) || !Array.isArray(steps)) throw new GatePolicyError('status.gate.policy has no metrics or no steps; it was written by somebody else than the operator');
  const known = policy as unknown as GatePolicy;
  checkPolicy(known);
  return known;
}

/** A state as a record keeps it. Throws a GatePolicyError for text that is none. */
export function stateIn(text: string): GateState {
  const state = parsed(text);
  const { fingerprint, startedAt, metrics, breaker } = (state ?? {}) as Partial<GateState>;
  const whole = typeof fingerprint === 'string' && typeof startedAt === 'number' && typeof metrics === 'object' && typeof breaker === 'object';
  if (!whole) throw new GatePolicyError(`the state of the gates is damaged: it begins with "${text.slice(0, 40)}"`);
  return state as GateState;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatePolicyError(`the state of the gates is no JSON: it begins with "${text.slice(0, 40)}"`, { cause });
  }
}

export function stateText(state: GateState): string {
  return JSON.stringify(state);
}

import type { GateRecord } from '@sluice/crds';
import type { GatePolicy, GateState } from '../sequential/index.ts';
import { stateIn } from './gate-record.ts';

/**
 * The policy with the names of the gates that were taken away by an edit before they were proven: made a guard, or left out. Whoever edits a plan may do so, at no price:
 * without a gate nothing is promised. It is told for as long as the release lasts, so that nobody takes what follows for a proof.
 */
export function withDroppedGates(policy: GatePolicy, frozen: GatePolicy, { state }: Pick<GateRecord, 'state'>): GatePolicy {
  const before = frozen.droppedGates ?? [];
  const lost = lackingIn(policy, gatesOf(frozen)).filter((name) => !before.includes(name));
  const unproven = lost.length === 0 ? [] : lost.filter((name) => stateIn(state).metrics[name]?.latched.at(-1) !== true);
  const droppedGates = [...lackingIn(policy, before), ...unproven].toSorted();
  return droppedGates.length === 0 ? policy : { ...policy, droppedGates };
}

/** What the test at the deadline has found is of the gates of then: a metric that is a gate only now is still to be proven. */
export function withFindingOf(state: GateState, policy: GatePolicy, frozen: GatePolicy): GateState {
  const { deadlineFound: _ofFewer, ...others } = state;
  return lackingIn(frozen, gatesOf(policy)).length === 0 ? state : others;
}

function gatesOf({ metrics }: GatePolicy): readonly string[] {
  return metrics.filter(({ role }) => role === 'gate').map(({ name }) => name);
}

function lackingIn(policy: GatePolicy, names: readonly string[]): readonly string[] {
  const gates = new Set(gatesOf(policy));
  return names.filter((name) => !gates.has(name));
}

/** The gates of a record that were taken away; of one that was damaged none is known. */
export function droppedGatesIn(record: Pick<GateRecord, 'policy'> | undefined): readonly string[] {
  const { droppedGates } = (record?.policy ?? {}) as Partial<GatePolicy>;
  return Array.isArray(droppedGates) ? droppedGates.filter((name) => typeof name === 'string') : [];
}

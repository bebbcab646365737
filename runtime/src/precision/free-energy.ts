import { informationGain, meanOf, type Belief } from './belief.ts';

/** The share of calls that should go well: what outcomes are preferred. */
const preferredSuccess = 0.95;

/** How far the outcomes that are expected are from those that are preferred, in nats. */
function risk(success: number): number {
  const failure = 1 - success;
  const ofSuccess = success === 0 ? 0 : success * Math.log(success / preferredSuccess);
  const ofFailure = failure === 0 ? 0 : failure * Math.log(failure / (1 - preferredSuccess));
  return ofSuccess + ofFailure;
}

/** The expected free energy of a call, in nats: its risk less what it is expected to teach. */
export function freeEnergyOf(belief: Belief): number {
  return risk(meanOf(belief)) - informationGain(belief);
}

/** The expected free energy of a policy: the mean of its tools. Throws RangeError for one without tools. */
export function freeEnergyOfPolicy(beliefs: readonly Belief[]): number {
  if (beliefs.length === 0) throw new RangeError('a policy without tools has no expected free energy');
  return beliefs.reduce((sum, belief) => sum + freeEnergyOf(belief), 0) / beliefs.length;
}

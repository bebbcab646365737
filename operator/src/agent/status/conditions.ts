import type { Condition } from '@sluice/crds';
import { conditionMessage } from '../../conditions/bounded-sentence.ts';
import { transitionTime } from '../../conditions/transition-time.ts';
import { providerUnavailable } from '../../provider-watch/provider-standings.ts';
import { answersNobody } from './answers-nobody.ts';
import type { Health } from './health.ts';
import type { AgentObservation } from '../observation.ts';
import { countOfPods } from '../../release/readiness.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import { readyPods } from './old-pods.ts';
import { warningsOf } from './warnings.ts';

type State = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * kstatus conditions: Ready (the spec is what serves), Reconciling (on the way there), Stalled (not without a person's doing),
 * and Available (somebody serves), and warnings where there are any. The time of an unchanged status is kept.
 */
export function conditionsOf(observation: AgentObservation, ledger: ReleaseLedger, health: Health): Condition[] {
  const { agent, now } = observation;
  const before = { stored: agent.status?.conditions, now };
  return [...states(observation, ledger, health), ...warningsOf(observation, ledger), ...unasked(observation, ledger, health)].map((state) => ({
    ...state, message: conditionMessage(state.message), lastTransitionTime: transitionTime(state, before), observedGeneration: agent.metadata.generation ?? 0,
  }));
}

/** First told together with the news that it serves: on the way there the status would be written once more for it. */
function unasked(observation: AgentObservation, ledger: ReleaseLedger, { phase }: Health): State[] {
  const isKnown = observation.agent.status?.conditions?.some(({ type }) => type === 'AnswersNobody') === true;
  return phase === 'Progressing' && !isKnown ? [] : answersNobody(observation, ledger);
}

function states(observation: AgentObservation, ledger: ReleaseLedger, { phase, reason, message }: Health): State[] {
  const ready = readyPods(observation);
  // What a deleted agent left is removed without a person's doing.
  const { desired } = observation;
  const waitsForPerson = desired.kind === 'Unresolved' && desired.problem.reason !== 'NameNotFree';
  const stalled = (phase === 'Degraded' && reason !== providerUnavailable) || waitsForPerson;
  return [
    { type: 'Ready', status: phase === 'Healthy' ? 'True' : 'False', reason, message },
    { type: 'Reconciling', status: phase === 'Progressing' ? 'True' : 'False', reason, message },
    { type: 'Stalled', status: stalled ? 'True' : 'False', reason: stalled ? reason : 'NotStalled', message: stalled ? message : 'Not stalled' },
    {
      type: 'Available',
      status: ready > 0 ? 'True' : 'False',
      reason: ready > 0 ? 'PodsReady' : 'NoReadyPods',
      message: `${countOfPods(ready)} ${ready === 1 ? 'is' : 'are'} ready${ledger.stableRevision === undefined ? '' : `; revision ${ledger.stableRevision} is the stable one`}`,
    },
  ];
}

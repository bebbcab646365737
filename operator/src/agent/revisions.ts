import type { RevisionScale } from '../release/observation.ts';
import { planScale } from '../release/replica-plan.ts';
import { capacityOf } from './capacity.ts';
import type { AgentObservation, RevisionState } from './observation.ts';
import type { AgentPlan, RevisionTarget } from './plan.ts';
import type { ReleaseLedger } from './releases.ts';

type RevisionPlan = Pick<AgentPlan, 'targets' | 'retiring' | 'removedAutoscalers' | 'removedRevisions'>;

/** Which revisions have pods, and how many: the serving one, the one being released, and those on their way out. */
export function planRevisions(observation: AgentObservation, ledger: ReleaseLedger): RevisionPlan {
  const stable = ledger.stableRevision;
  const canary = ledger.active?.spec.revision === stable ? undefined : ledger.active?.spec.revision;
  const retiring = [...observation.revisions.values()].filter((state) => state.revision !== stable && state.revision !== canary);
  const weight = ledger.active?.status?.weight ?? 0;
  const scale = planScale({
    ...capacityOf(observation, ledger),
    weight,
    ...(stable === undefined ? {} : { stable: scaleOf(stable, observation) }),
    ...(canary === undefined ? {} : { canary: scaleOf(canary, observation) }),
    retiring,
  });
  const autoscaled = autoscalerMayOwn(observation, ledger) ? stable : undefined;
  const targets = [
    ...target(observation, stable, scale.stable, autoscaled === undefined || belowMinimum(observation, autoscaled) ? 'Fixed' : 'Autoscaled'),
    ...(hasOrNeedsPods(observation, canary, scale.canary) ? target(observation, canary, scale.canary, 'Fixed') : []),
  ];
  return {
    targets,
    retiring: scale.retiring,
    removedAutoscalers: [...observation.autoscalers].filter((revision) => revision !== autoscaled),
    removedRevisions: retiring.filter(isGone).map((state) => state.revision),
  };
}

/** While all the traffic moves, in either direction, the ramp owns the number of pods; an HPA would stop it half-way. */
function autoscalerMayOwn({ agent }: AgentObservation, { active }: ReleaseLedger): boolean {
  const moving = active?.status?.phase === 'RollingBack' || (active?.status?.weight ?? 0) >= 100;
  return agent.spec.autoscaling !== undefined && !moving;
}

/** An HPA leaves a Deployment without pods alone, and one that shrank while traffic moved must be whole again before it takes over. */
function belowMinimum({ agent, revisions }: AgentObservation, revision: string): boolean {
  return (revisions.get(revision)?.replicas ?? 0) < (agent.spec.autoscaling?.minReplicas ?? 0);
}

function scaleOf(revision: string, { revisions }: AgentObservation): RevisionScale {
  return revisions.get(revision) ?? { revision, replicas: 0, ready: 0 };
}

function target({ records }: AgentObservation, revision: string | undefined, replicas: number, scaling: RevisionTarget['scaling']): RevisionTarget[] {
  const record = revision === undefined ? undefined : records.get(revision);
  return record === undefined ? [] : [{ record, replicas, scaling }];
}

/** A revision gets its Deployment with its first pod, not before it passed its evaluations. */
function hasOrNeedsPods({ revisions }: AgentObservation, revision: string | undefined, replicas: number): boolean {
  return revision !== undefined && (replicas > 0 || revisions.has(revision));
}

function isGone(state: RevisionState): boolean {
  return state.replicas === 0 && state.pods === 0;
}

import type { Release, ReleaseStatus } from '@sluice/crds';
import type { RoutePlan } from '../../../traffic/route-plan.ts';
import type { AgentObservation } from '../../observation.ts';
import type { AgentPlan, UntouchingPlan } from '../../plan.ts';
import type { AbstractCluster } from './abstract-cluster.ts';
import type { Memory } from './memory.ts';

/** One look of the operator: what it saw, what it decided, and the cluster after as many of the writes as it lived to make. */
export interface Look {
  readonly observation: AgentObservation;
  readonly plan: AgentPlan | UntouchingPlan;
  /** The release that was decided about. */
  readonly step?: Step | undefined;
  readonly inForceBefore: RoutePlan | undefined;
  readonly askedBefore: RoutePlan | undefined;
  readonly after: AbstractCluster;
  /** What was known of the history before this look. */
  readonly memory: Memory;
}

export interface Step {
  readonly release: Release;
  readonly before: ReleaseStatus;
  readonly after: ReleaseStatus;
}

/** Says what is wrong; undefined where the invariant holds. Its name is the sentence's title. */
export type Invariant = (look: Look) => string | undefined;

export function stepOf({ releaseStatus }: Pick<AgentPlan, 'releaseStatus'>): Step | undefined {
  return releaseStatus === undefined ? undefined : { release: releaseStatus.release, before: releaseStatus.release.status ?? {}, after: releaseStatus.status };
}

/** The plan of a look at an agent that is looked after. */
export function wholePlan({ plan }: Pick<Look, 'plan'>): AgentPlan | undefined {
  return 'children' in plan ? undefined : plan;
}

/** Whether this step answers an intent with `Accepted`. */
export function accepted({ before, after }: Step): string | undefined {
  const { handledIntent } = after;
  return handledIntent === undefined || handledIntent.requestId === before.handledIntent?.requestId || handledIntent.outcome === 'Refused' ? undefined : handledIntent.verb;
}

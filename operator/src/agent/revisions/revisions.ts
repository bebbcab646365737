import type { AutoscalingBounds } from '../../children/index.ts';
import type { LiveRoute } from '../../traffic/live-route.ts';
import { planTraffic, type TrafficPlan } from '../../traffic/plan-traffic.ts';
import { named } from '../../traffic/route-plan.ts';
import type { AgentObservation, RevisionState } from '../observation.ts';
import type { AgentPlan, RevisionTarget } from '../plan.ts';
import { isTakenBackForNobody, type ReleaseLedger, wasPromoted } from '../ledger/releases.ts';
import { staysBounded, unneededPolicies } from './policies.ts';
import { planRouting } from './routing.ts';
import { secretsSettleIn } from './secret-changes.ts';
import { trafficRequest } from './traffic.ts';

type RevisionPlan = Pick<AgentPlan, 'unbounded' | 'targets' | 'retiring' | 'removedAutoscalers' | 'removedRevisions' | 'removedPolicies' | 'seen' | 'traffic' | 'requeueAfterMs'>;

/** Which revisions have pods, and how many: the serving one, the one being released, and those on their way out. */
export function planRevisions(observation: AgentObservation, ledger: ReleaseLedger): RevisionPlan {
  const request = trafficRequest(observation, ledger);
  const stable = request.stable?.revision;
  const canary = request.canary?.revision;
  const retiring = [...observation.revisions.values()].filter((state) => state.revision !== stable && state.revision !== canary);
  const { live } = observation.routing;
  const plan = planTraffic({ ...request, retiring, ...(live === undefined ? {} : { route: live }) });
  const bounds = autoscalerBounds(observation, ledger, { ...request, scale: plan.scale });
  const scaled = (revision: string | undefined, replicas: number) => target(observation, revision, { replicas, bounds: bounds.get(revision ?? '') });
  const targets = growingFirst(observation, [...scaled(stable, plan.scale.stable), ...(hasOrNeedsPods(observation, canary, plan) ? scaled(canary, plan.scale.canary) : [])]);
  const gone = retiring.filter((state) => isGone(state) && !isRouted(state, live));
  const leaving = retiring.filter((state) => !gone.includes(state) && plan.scale.retiring.get(state.revision) === 0 && wasPromoted(state.revision, ledger) && leavesAtOnce(state, observation, targets));
  const removedRevisions = [...gone, ...leaving].map((state) => state.revision);
  const { due, lookAgainAfterMs } = unneededPolicies(observation, targets);
  const waits = [lookAgainAfterMs, secretsSettleIn(observation)].filter((wait) => wait !== undefined);
  return {
    targets,
    retiring: new Map([...plan.scale.retiring].filter(([revision]) => !removedRevisions.includes(revision)).map(([revision, pods]) => [revision, isTakenBackForNobody(revision, ledger) ? 0 : pods])),
    removedAutoscalers: [...observation.autoscalers].filter((revision) => !bounds.has(revision)),
    removedRevisions,
    removedPolicies: due,
    unbounded: (observation.withoutPolicy ?? []).filter(({ revision }) => targets.every(({ record }) => record.revision !== revision)),
    seen: observation.seen,
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) }),
    traffic: planRouting(observation, plan, { ledger, revisions: [...targets.map(({ record }) => record.revision), ...retiring.filter((state) => !gone.includes(state)).map((state) => state.revision)] }),
  };
}

type Scaled = ReturnType<typeof trafficRequest> & Pick<TrafficPlan, 'scale'>;

/** The revisions that an HPA may scale, each with its bounds. */
function autoscalerBounds({ agent }: AgentObservation, ledger: ReleaseLedger, request: Scaled): ReadonlyMap<string, AutoscalingBounds> {
  const { autoscaling } = agent.spec;
  if (autoscaling === undefined) return new Map();
  const { router, stable, canary, scale } = request;
  if (router === 'ReplicaRatio') return new Map(stable === undefined || isMoving(ledger) ? [] : [[stable.revision, autoscaling]]);
  // A release must find the stable revision as large as it was when it has to go back, and until it has gone back.
  const isAlone = scale.canary === 0 && [...scale.retiring.values()].every((pods) => pods === 0);
  const least = isAlone ? Math.min(scale.stable, autoscaling.minReplicas) : scale.stable;
  const wanted = [[stable?.revision, least], [canary?.revision, scale.canary]] as const;
  return new Map(wanted.flatMap(([revision, minReplicas]) => (revision === undefined || minReplicas === 0 ? [] : [[revision, { ...autoscaling, minReplicas: Math.min(minReplicas, autoscaling.maxReplicas) }] as const])));
}

/** Where pods are the ratio and all the traffic moves, in either direction, the ramp owns their number; an HPA would stop it half-way. */
function isMoving({ active }: ReleaseLedger): boolean {
  return active?.status?.phase === 'RollingBack' || (active?.status?.weight ?? 0) >= 100;
}

interface Scaling {
  readonly replicas: number;
  readonly bounds: AutoscalingBounds | undefined;
}

/**
 * What shrinks does so after the other has been told to grow: how many pods all the traffic needs is read back from the largest of an
 * autoscaled agent, and whoever dies in between must not leave fewer than were needed.
 */
function growingFirst({ revisions }: AgentObservation, targets: readonly RevisionTarget[]): readonly RevisionTarget[] {
  const grows = ({ record, replicas }: RevisionTarget): boolean => replicas > (revisions.get(record.revision)?.replicas ?? 0);
  return [...targets.filter(grows), ...targets.filter((each) => !grows(each))];
}

/** An HPA leaves a Deployment without pods alone, and one that shrank while traffic moved must be whole again before it takes over. */
function target({ records, revisions }: AgentObservation, revision: string | undefined, { replicas, bounds }: Scaling): RevisionTarget[] {
  const record = revision === undefined ? undefined : records.get(revision);
  if (record === undefined) return [];
  const whole = bounds !== undefined && (revisions.get(record.revision)?.replicas ?? 0) >= bounds.minReplicas;
  return [{ record, replicas, scaling: whole ? 'Autoscaled' : 'Fixed', ...(bounds === undefined ? {} : { bounds }) }];
}

/** The new revision gets its Deployment with its first pod, not before it passed its evaluations; of an agent without pods, with its first share of the route. */
function hasOrNeedsPods({ revisions }: AgentObservation, canary: string | undefined, { scale, route }: TrafficPlan): boolean {
  return canary !== undefined && (scale.canary > 0 || revisions.has(canary) || (route !== undefined && named(route).includes(canary)));
}

/** Whether a Gateway may still send it requests: as long as nobody knows what is in force, it may be what was before. */
function isRouted({ revision }: RevisionState, live: LiveRoute | undefined): boolean {
  return live !== undefined && (live.names.has(revision) || live.force === 'Unknown');
}

/** Until the Deployment's controller has answered the scaling to none, no pods are seen because none have been made yet. */
function isGone({ replicas, pods, progress }: RevisionState): boolean {
  return replicas === 0 && pods === 0 && progress === 'CaughtUp';
}

/**
 * Without its Deployment the garbage collector ends the pods of a revision, each with its time to drain: what scaling to none and removing it
 * afterwards comes to, in one write. Only of a revision that served until now and against which nothing stands: nobody knows when the
 * collector comes. Not before its controller has caught up, or its ReplicaSet may make more of them. Not where a route divides the traffic,
 * whose Service of the revision goes with the Deployment; nor where the pods have a NetworkPolicy of their own, which must outlive them.
 */
function leavesAtOnce({ revision, progress }: RevisionState, observation: AgentObservation, targets: readonly RevisionTarget[]): boolean {
  const { live, services } = observation.routing;
  return progress === 'CaughtUp' && live === undefined && !services.has(revision) && staysBounded(revision, observation, targets);
}

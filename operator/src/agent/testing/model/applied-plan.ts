import type { Release } from '@sluice/crds';
import { isoTime } from '../../../evidence/clock-time.ts';
import { policyNameOf } from '../../../children/index.ts';
import type { AgentPlan, RevisionTarget, UntouchingPlan } from '../../plan.ts';
import type { AbstractCluster } from './abstract-cluster.ts';

/** A write that changes something; those that would change nothing are not made. */
export type Write = () => void;

/** The writes of a plan in the order of agent/apply/apply.ts, so that a prefix of them is what a crash leaves; the agent's status comes after them. */
export function writesOf(plan: AgentPlan | UntouchingPlan, cluster: AbstractCluster): readonly Write[] {
  if ('children' in plan) return releaseStatus(plan, cluster);
  return [...pins(plan, cluster), ...release(plan, cluster), ...autoscalers(plan, cluster), ...targets(plan, cluster), ...traffic(plan, cluster), ...retire(plan, cluster)];
}

/** Whether a plan asks for nothing but what is; the agent's own status aside. */
export function isQuiet(plan: AgentPlan | UntouchingPlan, cluster: AbstractCluster): boolean {
  return !('children' in plan) && writesOf(plan, cluster).length === 0;
}

function pins({ record }: AgentPlan, cluster: AbstractCluster): Write[] {
  return record === undefined ? [] : [() => { cluster.records.set(record.revision, record); }];
}

function release(plan: AgentPlan, cluster: AbstractCluster): Write[] {
  const { createRelease: created } = plan;
  const creation: Write[] = created === undefined || cluster.releases.has(created.metadata.name) ? [] : [() => create(created, cluster)];
  const runs = plan.evalRuns.map((run): Write => () => { cluster.runs.set(run.metadata.name, run); });
  return [...creation, ...releaseStatus(plan, cluster), ...runs];
}

function create(created: Release, cluster: AbstractCluster): void {
  const { name } = created.metadata;
  cluster.releases.set(name, { ...created, metadata: { ...created.metadata, uid: `uid-${name}`, creationTimestamp: isoTime(cluster.now) } });
}

function releaseStatus({ releaseStatus: changed }: Pick<AgentPlan, 'releaseStatus'>, cluster: AbstractCluster): Write[] {
  if (changed === undefined) return [];
  return [() => {
    const { name } = changed.release.metadata;
    const current = cluster.releases.get(name);
    if (current !== undefined) cluster.releases.set(name, { ...current, status: changed.status });
  }];
}

function autoscalers({ removedAutoscalers }: AgentPlan, cluster: AbstractCluster): Write[] {
  return removedAutoscalers.map((revision) => () => cluster.autoscalers.remove(revision));
}

function targets(plan: AgentPlan, cluster: AbstractCluster): Write[] {
  return plan.targets.flatMap((target) => [...policy(target, cluster), ...deployment(target, cluster)]);
}

function policy({ record }: RevisionTarget, cluster: AbstractCluster): Write[] {
  const name = policyNameOf(record);
  return cluster.policies.has(name) ? [] : [() => { cluster.policies.add(name); }];
}

function deployment(target: RevisionTarget, cluster: AbstractCluster): Write[] {
  return (target.scaling === 'Fixed' ? scaling(target.record.revision, target.replicas, cluster) : autoscaled(target, cluster));
}

/** An HPA has the number of pods; that of the plan is for a Deployment that does not exist yet. */
function autoscaled({ record: { revision }, replicas, bounds }: RevisionTarget, cluster: AbstractCluster): Write[] {
  const made = cluster.pods.has(revision) ? [] : [() => cluster.scale(revision, replicas)];
  return [...made, ...(bounds === undefined || !cluster.autoscalers.differs(revision, bounds) ? [] : [() => cluster.autoscalers.write(revision, bounds)])];
}

function scaling(revision: string, replicas: number, cluster: AbstractCluster): Write[] {
  return cluster.pods.get(revision)?.replicas === replicas ? [] : [() => cluster.scale(revision, replicas)];
}

function traffic({ traffic: { services, route, removedRoute, serves } }: AgentPlan, cluster: AbstractCluster): Write[] {
  const selected: Write[] = serves === cluster.serves ? [] : [() => { cluster.serves = serves; }];
  const made = services.filter((revision) => !cluster.services.has(revision)).map((revision): Write => () => { cluster.services.add(revision); });
  const written: Write[] = route === undefined || !cluster.gateway.differs(route) ? [] : [() => cluster.gateway.write(route)];
  const removed: Write[] = removedRoute === 'Remove' ? [() => cluster.gateway.remove()] : [];
  return [...selected, ...made, ...written, ...removed];
}

function retire(plan: AgentPlan, cluster: AbstractCluster): Write[] {
  return [
    ...[...plan.retiring].flatMap(([revision, replicas]) => (cluster.pods.has(revision) ? scaling(revision, replicas, cluster) : [])),
    ...plan.traffic.removedServices.map((revision): Write => () => { cluster.services.delete(revision); }),
    ...plan.removedRevisions.map((revision): Write => () => cluster.remove(revision)),
    ...plan.removedPolicies.map((name): Write => () => { cluster.policies.delete(name); }),
    ...plan.expiredReleases.map(({ metadata }): Write => () => { cluster.releases.delete(metadata.name); }),
    ...plan.expiredRecords.map((revision): Write => () => { cluster.records.delete(revision); }),
  ];
}

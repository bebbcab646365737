import type { AgentDeployment, Release } from '@sluice/crds';
import { configMaps, deployments, formatKey, horizontalPodAutoscalers, isNotFound, isSameJson, networkPolicies, podDisruptionBudgets, serviceAccounts, services } from '@sluice/kube';
import type { Applied, ConfigMap, EventRecorder, InformerView, KubeClient, KubeObject, ObjectKey, ResourceType, Service, WriteTracker } from '@sluice/kube';
import { controlledBy } from '../../caches.ts';
import type { Caches } from '../../caches.ts';
import {
  agentDisruptionBudget, agentNetworkPolicy, agentObjectName, agentRoute, agentService, agentServiceAccount, controllerReference, revisionAutoscaler, revisionDeployment,
  revisionLabel, revisionObjectName, revisionService, withSecretMarks,
} from '../../children/index.ts';
import { goesAfter } from '../../children/owner.ts';
import { adoptedByAnnotation } from '../../adoption/plan.ts';
import type { AdoptionPlan } from '../../adoption/plan.ts';
import { agentDeployments, evalRuns, releases } from '../../resources.ts';
import { isSnapshot, recordConfigMap, type RevisionRecord } from '../../revision/index.ts';
import { httpRoutes, type HTTPRoute } from '../../traffic/http-routes.ts';
import type { ChildWriter } from '../../writes/child-writer.ts';
import { OvertakenError } from '../../writes/overtaken.ts';
import { writeSnapshot } from '../../writes/snapshot-writer.ts';
import { expectNoFormerRoute } from './former-route.ts';
import { isStillNeeded } from './needed-policy.ts';
import { writingRoute } from './route-refusal.ts';
import type { AgentPlan, RevisionTarget, UntouchingPlan } from '../plan.ts';
import type { StatusPace } from '../status/status-pace.ts';

export interface ApplyOptions {
  readonly client: Pick<KubeClient, 'find' | 'list' | 'replaceStatus'>;
  readonly children: ChildWriter;
  readonly caches: Caches;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Without it every change of the status is written at once. */
  readonly pace?: Pick<StatusPace, 'waitFor'>;
  /** Whether a cache lacks what was written for the agent (formatted key) long ago. What others may need is not removed then. */
  readonly writes?: Pick<WriteTracker, 'lags'>;
}

/** Until what was not removed is looked at again, milliseconds; what the cache lacked is seen besides when it comes. */
const removeAgainMs = 10_000;

/** `lookAgainMs`: when a part of the plan that was put off is due, milliseconds. */
export interface Written {
  readonly lookAgainMs?: number;
}

type Call = { readonly signal: AbortSignal };

/** Only the status, where the rest of the plan could not be written. */
export async function applyStatus(agent: AgentDeployment, plan: Pick<AgentPlan, 'status'>, options: ApplyOptions, call: Call): Promise<void> {
  const { pace: _atOnce, ...rest } = options;
  await new PlanWriter(agent, rest, call).status(plan);
}

/**
 * Writes a plan. The order matters: a release's new state is stored before anything follows from it, so that a crash between any two
 * writes leaves a state from which the next reconcile goes on. Every write can be repeated.
 */
export async function applyPlan(agent: AgentDeployment, plan: AgentPlan | UntouchingPlan, options: ApplyOptions, call: Call): Promise<Written> {
  const writer = new PlanWriter(agent, options, call);
  if ('children' in plan) return writer.withoutChildren(plan);
  expectNoFormerRoute(agent, options.caches);
  await writer.agentObjects(plan);
  await writer.pins(plan);
  await writer.release(plan);
  await writer.autoscalersGone(plan);
  for (const record of plan.unbounded) await writer.policy(record);
  for (const target of plan.targets) await writer.revision(target);
  await writer.traffic(plan);
  await writer.retire(plan);
  await writer.adopted(plan);
  // The look that follows the creation of a release at once has more to say.
  return plan.createRelease === undefined ? writer.putOff(await writer.status(plan)) : {};
}

class PlanWriter {
  readonly #agent: AgentDeployment;
  readonly #namespace: string;
  readonly #options: ApplyOptions;
  readonly #call: Call;
  #removals: 'AsPlanned' | 'PutOff' = 'AsPlanned';

  constructor(agent: AgentDeployment, options: ApplyOptions, call: Call) {
    this.#agent = agent;
    this.#namespace = agent.metadata.namespace ?? '';
    this.#options = options;
    this.#call = call;
  }

  async agentObjects({ traffic, adoption }: AgentPlan): Promise<void> {
    const { caches } = this.#options;
    const identity = { agent: this.#agent.metadata.name, namespace: this.#namespace };
    const owner = controllerReference(this.#agent);
    // None of them needs another. All are waited for: nothing of this look may still be written when the next one begins.
    const written = await Promise.allSettled([
      this.#ensure(serviceAccounts, caches.serviceAccounts, agentServiceAccount(identity, owner)),
      this.#agentService(agentService(identity, owner, traffic.serves), adoption?.service ?? 'Own'),
      this.#ensure(podDisruptionBudgets, caches.disruptionBudgets, agentDisruptionBudget(identity, owner)),
    ]);
    const failed = written.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** One that was made by hand keeps its address, and what others wrote to it but its spec; until it is taken over nobody touches it. */
  async #agentService(desired: Service, standing: AdoptionPlan['service']): Promise<void> {
    if (standing === 'Own') await this.#ensure(services, this.#options.caches.services, desired);
    else if (standing !== 'Leave') await this.#children.putRight(services, { cached: standing.takeOver, desired }, this.#call);
  }

  /** The Deployment that was made by hand, once the agent serves in its place. */
  async adopted({ adoption }: AgentPlan): Promise<void> {
    if (adoption?.scale === undefined) return;
    const { deployment, replicas } = adoption.scale;
    const annotations = { ...deployment.metadata.annotations, [adoptedByAnnotation]: this.#agent.metadata.name };
    await this.#children.scale(deployment, replicas, this.#call, [{ op: 'add', path: '/metadata/annotations', value: annotations }]);
  }

  /** What a revision is made of, before anything names the revision; and what its record names, before the record. */
  async pins({ snapshots, restoredRecords, record }: AgentPlan): Promise<void> {
    const owner = controllerReference(this.#agent);
    for (const missing of snapshots) await writeSnapshot(missing, { ...this.#options, owner }, this.#call);
    for (const wanted of [...restoredRecords, ...(record === undefined ? [] : [record])]) await this.#children.create(configMaps, recordConfigMap(wanted, owner), this.#call);
  }

  async release(plan: AgentPlan): Promise<void> {
    if (plan.createRelease !== undefined) await this.#begin(plan.createRelease);
    await this.#releaseStatus(plan);
    this.#tell(plan);
    for (const run of plan.evalRuns) await this.#children.create(evalRuns, run, this.#call);
  }

  /** One that is there already may have gone on since it was made: what follows from it is decided when it is seen. */
  async #begin(release: Release): Promise<void> {
    const { outcome } = await this.#children.create(releases, release, this.#call);
    if (outcome === 'present') throw new OvertakenError(releases.kind, release.metadata.name);
  }

  async withoutChildren(plan: UntouchingPlan): Promise<Written> {
    await this.#releaseStatus(plan);
    const applied = await this.status(plan);
    this.#tell(plan);
    return applied;
  }

  /** Before anybody else sets the number of pods: until it is gone an HPA would undo that. */
  async autoscalersGone({ removedAutoscalers }: AgentPlan): Promise<void> {
    for (const revision of removedAutoscalers) await this.#remove(horizontalPodAutoscalers, this.#options.caches.autoscalers.store.get(this.#keyOf(revision)));
  }

  /** Where the agent is deleted, pods to which its route may still send requests are bounded as they were. */
  async policy(record: RevisionRecord): Promise<void> {
    const desired = goesAfter(agentNetworkPolicy(record, controllerReference(this.#agent)), this.#liveRoute());
    await this.#ensure(networkPolicies, this.#options.caches.networkPolicies, desired);
  }

  async revision({ record, replicas, scaling, bounds, secrets }: RevisionTarget): Promise<void> {
    const { caches } = this.#options;
    const owner = controllerReference(this.#agent);
    const desired = goesAfter(withSecretMarks(revisionDeployment(record, owner), secrets), this.#liveRoute());
    await this.policy(record);
    const cached = caches.deployments.store.get(this.#key(desired.metadata.name));
    const present = await this.#children.ensure(deployments, { cached, desired, initial: { ...desired, spec: { ...desired.spec, replicas } } }, this.#call);
    if (scaling === 'Fixed' && present.spec.replicas !== replicas) await this.#children.scale(present, replicas, this.#call);
    if (scaling === 'Autoscaled' && bounds !== undefined) {
      await this.#ensure(horizontalPodAutoscalers, caches.autoscalers, revisionAutoscaler(record, bounds, owner));
    }
  }

  /** Each Service before the route that names it. */
  async traffic({ traffic }: AgentPlan): Promise<void> {
    const { caches } = this.#options;
    const identity = { agent: this.#agent.metadata.name, namespace: this.#namespace };
    const owner = controllerReference(this.#agent);
    for (const revision of traffic.services) await this.#ensure(services, caches.services, goesAfter(revisionService(identity, revision, owner), this.#liveRoute()));
    const { route, rollout } = this.#agent.spec;
    if (traffic.route !== undefined && route !== undefined) {
      const { gatewaysAsked, weightsBefore } = traffic;
      const desired = agentRoute({ identity, route, stickiness: rollout?.stickiness, plan: traffic.route, gatewaysAsked, weightsBefore }, owner);
      await writingRoute(() => this.#ensure(httpRoutes, caches.httpRoutes, desired));
    }
    this.#tell(traffic);
    if (traffic.removedRoute === 'Remove') await this.#removeWhenSure(httpRoutes, caches.httpRoutes.store.get(this.#key(agentObjectName(identity.agent))));
  }

  async retire(plan: AgentPlan): Promise<void> {
    const { caches } = this.#options;
    for (const [revision, replicas] of plan.retiring) {
      const deployment = plan.seen.deployments.get(revision);
      if (deployment !== undefined && deployment.spec.replicas !== replicas) await this.#children.scale(deployment, replicas, this.#call);
    }
    for (const revision of plan.traffic.removedServices) await this.#removeWhenSure(services, caches.services.store.get(this.#keyOf(revision)));
    for (const revision of plan.removedRevisions) await this.#remove(deployments, plan.seen.deployments.get(revision));
    await this.#removePolicies(plan);
    for (const release of plan.expiredReleases) await this.#removeWhenSure(releases, release);
    for (const revision of plan.expiredRecords) for (const configMap of this.#configMapsOf(revision)) await this.#removeWhenSure(configMaps, configMap);
  }

  /** One that the API server knows a user of stays, whatever the caches showed; the next look finds it unused or not. */
  async #removePolicies({ removedPolicies, seen }: AgentPlan): Promise<void> {
    for (const name of removedPolicies) {
      const policy = seen.policies.get(name);
      if (policy !== undefined && !(await isStillNeeded(policy, this.#options.client, this.#call))) await this.#removeWhenSure(networkPolicies, policy);
    }
  }

  async status(plan: Pick<AgentPlan, 'status'>): Promise<Written> {
    const { client, pace } = this.#options;
    if (isSameJson(this.#agent.status ?? {}, plan.status)) return {};
    const lookAgainMs = pace?.waitFor(this.#agent, plan.status) ?? 0;
    if (lookAgainMs > 0) return { lookAgainMs };
    try {
      await client.replaceStatus(agentDeployments, { ...this.#agent, status: plan.status }, this.#call);
    } catch (error) {
      // Deleted since it was looked at; its children go with it.
      if (!isNotFound(error)) throw error;
    }
    return {};
  }

  /**
   * Asked for right before each write: an agent that has gone meanwhile, to another shard or for good, has another to look after what belongs
   * to it, and what is made for it now would have the label of this one. Throws OvertakenError then.
   */
  get #children(): ChildWriter {
    const { caches, children } = this.#options;
    const { kind, metadata: { name, uid } } = this.#agent;
    if (caches.agents.store.get(this.#key(name))?.metadata.uid !== uid) throw new OvertakenError(kind, name);
    return children;
  }

  /** `written`, with when to look again for what was not removed. */
  putOff(written: Written): Written {
    return this.#removals === 'AsPlanned' ? written : { lookAgainMs: Math.min(written.lookAgainMs ?? Infinity, removeAgainMs) };
  }

  async #releaseStatus({ releaseStatus }: Pick<AgentPlan, 'releaseStatus'>): Promise<void> {
    if (releaseStatus === undefined) return;
    const { release, status } = releaseStatus;
    await this.#options.client.replaceStatus(releases, { ...release, status }, this.#call);
  }

  #tell({ notices }: Pick<AgentPlan, 'notices'>): void {
    for (const notice of notices) {
      this.#options.events.record({ regarding: this.#agent, type: notice.type, reason: notice.reason, action: 'Release', note: notice.message });
    }
  }

  /** Where the agent is deleted, its route goes before the pods and Services to which it sends requests. */
  #liveRoute(): HTTPRoute | undefined {
    const [route] = this.#agent.spec.route === undefined ? [] : controlledBy(this.#agent, this.#options.caches.httpRoutes);
    return route?.metadata.deletionTimestamp === undefined ? route : undefined;
  }

  /** The record last: it names the others. */
  #configMapsOf(revision: string): ConfigMap[] {
    const all = controlledBy(this.#agent, this.#options.caches.configMaps).filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
    return [...all.filter(isSnapshot), ...all.filter((configMap) => !isSnapshot(configMap))];
  }

  #keyOf(revision: string): ObjectKey {
    return this.#key(revisionObjectName(this.#agent.metadata.name, revision));
  }

  #key(name: string): ObjectKey {
    return { namespace: this.#namespace, name };
  }

  #ensure<T extends KubeObject>(type: ResourceType<T>, { store }: Pick<InformerView<T>, 'store'>, desired: Applied<T>): Promise<T> {
    return this.#children.ensure(type, { cached: store.get(this.#key(desired.metadata.name)), desired }, this.#call);
  }

  /** Bound to the object as it was looked at. */
  #remove<T extends KubeObject>(type: ResourceType<T>, object: T | undefined): Promise<void> {
    return this.#children.remove(type, { object, ownerUid: this.#agent.metadata.uid }, this.#call);
  }

  /** For what other objects need: one that no cache shows may. */
  async #removeWhenSure<T extends KubeObject>(type: ResourceType<T>, object: T | undefined): Promise<void> {
    const lags = object !== undefined && this.#options.writes?.lags(formatKey(this.#key(this.#agent.metadata.name))) === true;
    if (lags) this.#removals = 'PutOff';
    else await this.#remove(type, object);
  }
}

import type { AgentDeployment } from '@sluice/crds';
import { configMaps, deployments, horizontalPodAutoscalers, isNotFound, isOwnedBy, networkPolicies, podDisruptionBudgets, serviceAccounts, services } from '@sluice/kube';
import type { Applied, EventRecorder, Informer, KubeClient, KubeObject, NetworkPolicy, ObjectKey, ResourceType } from '@sluice/kube';
import type { Caches } from '../caches.ts';
import {
  agentDisruptionBudget, agentService, agentServiceAccount, controllerReference, revisionAutoscaler, revisionDeployment, revisionNetworkPolicy, revisionObjectName,
} from '../children/index.ts';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import { canonicalJson, recordConfigMap } from '../revision/index.ts';
import type { ChildWriter } from '../writes/child-writer.ts';
import type { AgentPlan, RevisionTarget } from './plan.ts';

export interface ApplyOptions {
  readonly client: Pick<KubeClient, 'find' | 'replaceStatus'>;
  readonly children: ChildWriter;
  readonly caches: Caches;
  readonly events: Pick<EventRecorder, 'record'>;
}

type Call = { readonly signal: AbortSignal };

/** Only the status, where the rest of the plan could not be written. */
export async function applyStatus(agent: AgentDeployment, plan: AgentPlan, options: ApplyOptions, call: Call): Promise<void> {
  await new PlanWriter(agent, options, call).status(plan);
}

/**
 * Writes a plan. The order matters: a release's new state is stored before anything follows from it, so that a crash between any two
 * writes leaves a state from which the next reconcile goes on. Every write can be repeated.
 */
export async function applyPlan(agent: AgentDeployment, plan: AgentPlan, options: ApplyOptions, call: Call): Promise<void> {
  const writer = new PlanWriter(agent, options, call);
  await writer.agentObjects();
  await writer.release(plan);
  for (const target of plan.targets) await writer.revision(target);
  await writer.retire(plan);
  await writer.status(plan);
}

class PlanWriter {
  readonly #agent: AgentDeployment;
  readonly #namespace: string;
  readonly #options: ApplyOptions;
  readonly #call: Call;

  constructor(agent: AgentDeployment, options: ApplyOptions, call: Call) {
    this.#agent = agent;
    this.#namespace = agent.metadata.namespace ?? '';
    this.#options = options;
    this.#call = call;
  }

  async agentObjects(): Promise<void> {
    const { caches } = this.#options;
    const identity = { agent: this.#agent.metadata.name, namespace: this.#namespace };
    const owner = controllerReference(this.#agent);
    await this.#ensure(serviceAccounts, caches.serviceAccounts, agentServiceAccount(identity, owner));
    await this.#ensure(services, caches.services, agentService(identity, owner));
    await this.#ensure(podDisruptionBudgets, caches.disruptionBudgets, agentDisruptionBudget(identity, owner));
  }

  async release(plan: AgentPlan): Promise<void> {
    const { children, client, events } = this.#options;
    if (plan.record !== undefined) await children.create(configMaps, recordConfigMap(plan.record, controllerReference(this.#agent)), this.#call);
    if (plan.createRelease !== undefined) await children.create(releases, plan.createRelease, this.#call);
    if (plan.releaseStatus !== undefined) {
      const { release, status } = plan.releaseStatus;
      await client.replaceStatus(releases, { ...release, status }, this.#call);
    }
    for (const notice of plan.notices) {
      events.record({ regarding: this.#agent, type: notice.type, reason: notice.reason, action: 'Release', note: notice.message });
    }
    for (const run of plan.evalRuns) await children.create(evalRuns, run, this.#call);
  }

  async revision({ record, replicas, scaling }: RevisionTarget): Promise<void> {
    const { caches, children } = this.#options;
    const owner = controllerReference(this.#agent);
    const desired = revisionDeployment(record, owner);
    await this.#ensure(networkPolicies, caches.networkPolicies, revisionNetworkPolicy(record, owner));
    const cached = caches.deployments.store.get(this.#key(desired.metadata.name));
    const present = await children.ensure(deployments, { cached, desired, initial: { ...desired, spec: { ...desired.spec, replicas } } }, this.#call);
    if (scaling === 'Fixed' && present.spec.replicas !== replicas) await children.scale(present, replicas, this.#call);
    const autoscaling = this.#agent.spec.autoscaling;
    if (scaling === 'Autoscaled' && autoscaling !== undefined) {
      await this.#ensure(horizontalPodAutoscalers, caches.autoscalers, revisionAutoscaler(record, autoscaling, owner));
    }
  }

  async retire(plan: AgentPlan): Promise<void> {
    const { caches, children } = this.#options;
    for (const revision of plan.removedAutoscalers) await this.#remove(horizontalPodAutoscalers, caches.autoscalers.store.get(this.#keyOf(revision)));
    for (const [revision, replicas] of plan.retiring) {
      const deployment = caches.deployments.store.get(this.#keyOf(revision));
      if (deployment !== undefined && deployment.spec.replicas !== replicas) await children.scale(deployment, replicas, this.#call);
    }
    for (const revision of plan.removedRevisions) {
      // A revision is known by its Deployment: whatever went after it would never be found again.
      await this.#remove(networkPolicies, await this.#policyOf(revision));
      await this.#remove(deployments, caches.deployments.store.get(this.#keyOf(revision)));
    }
    for (const release of plan.expiredReleases) await this.#remove(releases, release);
    for (const revision of plan.expiredRecords) await this.#remove(configMaps, caches.configMaps.store.get(this.#keyOf(revision)));
  }

  async status(plan: AgentPlan): Promise<void> {
    if (canonicalJson(this.#agent.status ?? {}) === canonicalJson(plan.status)) return;
    try {
      await this.#options.client.replaceStatus(agentDeployments, { ...this.#agent, status: plan.status }, this.#call);
    } catch (error) {
      // Deleted since it was looked at; its children go with it.
      if (!isNotFound(error)) throw error;
    }
  }

  #keyOf(revision: string): ObjectKey {
    return this.#key(revisionObjectName(this.#agent.metadata.name, revision));
  }

  #key(name: string): ObjectKey {
    return { namespace: this.#namespace, name };
  }

  #ensure<T extends KubeObject>(type: ResourceType<T>, { store }: Pick<Informer<T>, 'store'>, desired: Applied<T>): Promise<T> {
    return this.#options.children.ensure(type, { cached: store.get(this.#key(desired.metadata.name)), desired }, this.#call);
  }

  #remove<T extends KubeObject>(type: ResourceType<T>, object: T | undefined): Promise<void> {
    return this.#options.children.remove(type, { object, ownerUid: this.#agent.metadata.uid }, this.#call);
  }

  /** One that has lost its labels is in no cache. */
  async #policyOf(revision: string): Promise<NetworkPolicy | undefined> {
    const key = this.#keyOf(revision);
    const cached = this.#options.caches.networkPolicies.store.get(key);
    if (cached !== undefined) return cached;
    const live = await this.#options.client.find(networkPolicies, key, this.#call);
    return live !== undefined && isOwnedBy(live, this.#agent) ? live : undefined;
  }
}

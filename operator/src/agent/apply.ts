import type { AgentDeployment } from '@sluice/crds';
import {
  applyIfChanged, configMaps, deployments, horizontalPodAutoscalers, isAlreadyExists, isNotFound, keyOf, networkPolicies, podDisruptionBudgets, serviceAccounts, services,
} from '@sluice/kube';
import type { Applied, EventRecorder, Informer, KubeClient, KubeObject, ResourceType } from '@sluice/kube';
import type { Caches } from '../caches.ts';
import {
  agentDisruptionBudget, agentService, agentServiceAccount, controllerReference, revisionAutoscaler, revisionDeployment, revisionNetworkPolicy, revisionObjectName,
} from '../children/index.ts';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import { canonicalJson, recordConfigMap } from '../revision/index.ts';
import { strayMembers, wholeSpec } from './drift.ts';
import { ForeignObjectError, FormerObjectError, standingOf } from './ownership.ts';
import type { AgentPlan, RevisionTarget } from './plan.ts';

export const fieldManager = 'sluice';

export interface ApplyOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  /**
   * Cached objects whose spec was put back whole already. What is still astray in one of them the API server adds by itself, a newer
   * default or a webhook's work, and no write takes it away.
   */
  readonly putBack: WeakSet<KubeObject>;
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
    const { client, events } = this.#options;
    if (plan.record !== undefined) await this.#create(configMaps, recordConfigMap(plan.record, controllerReference(this.#agent)));
    if (plan.createRelease !== undefined) await this.#create(releases, plan.createRelease);
    if (plan.releaseStatus !== undefined) {
      const { release, status } = plan.releaseStatus;
      await client.replaceStatus(releases, { ...release, status }, this.#call);
    }
    for (const notice of plan.notices) {
      events.record({ regarding: this.#agent, type: notice.type, reason: notice.reason, action: 'Release', note: notice.message });
    }
    for (const run of plan.evalRuns) await this.#create(evalRuns, run);
  }

  async revision({ record, replicas, scaling }: RevisionTarget): Promise<void> {
    const { caches, client } = this.#options;
    const owner = controllerReference(this.#agent);
    const deployment = revisionDeployment(record, owner);
    const key = { namespace: this.#namespace, name: deployment.metadata.name };
    await this.#ensure(networkPolicies, caches.networkPolicies, revisionNetworkPolicy(record, owner));
    const cached = caches.deployments.store.get(key);
    if (cached === undefined) {
      const outcome = await this.#create(deployments, { ...deployment, spec: { ...deployment.spec, replicas } });
      if (outcome === 'present') await this.#apply(deployments, deployment);
    } else {
      await this.#ensure(deployments, caches.deployments, deployment);
      if (scaling === 'Fixed' && cached.spec.replicas !== replicas) await client.mergePatch(deployments, key, { spec: { replicas } }, this.#call);
    }
    const autoscaling = this.#agent.spec.autoscaling;
    if (scaling === 'Autoscaled' && autoscaling !== undefined) {
      await this.#ensure(horizontalPodAutoscalers, caches.autoscalers, revisionAutoscaler(record, autoscaling, owner));
    }
  }

  async retire(plan: AgentPlan): Promise<void> {
    const { caches, client } = this.#options;
    for (const revision of plan.removedAutoscalers) await this.#remove(horizontalPodAutoscalers, this.#nameOf(revision));
    for (const [revision, replicas] of plan.retiring) {
      const key = { namespace: this.#namespace, name: this.#nameOf(revision) };
      if (caches.deployments.store.get(key)?.spec.replicas === replicas) continue;
      await client.mergePatch(deployments, key, { spec: { replicas } }, this.#call);
    }
    for (const revision of plan.removedRevisions) {
      // A revision is known by its Deployment: whatever went after it would never be found again.
      await this.#remove(networkPolicies, this.#nameOf(revision));
      await this.#remove(deployments, this.#nameOf(revision));
    }
    for (const release of plan.expiredReleases) await this.#remove(releases, release.metadata.name);
    for (const revision of plan.expiredRecords) await this.#remove(configMaps, this.#nameOf(revision));
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

  #nameOf(revision: string): string {
    return revisionObjectName(this.#agent.metadata.name, revision);
  }

  async #ensure<T extends KubeObject>(type: ResourceType<T>, informer: Informer<T>, desired: Applied<T>): Promise<void> {
    const cached = informer.store.get({ namespace: this.#namespace, name: desired.metadata.name });
    if (cached === undefined) {
      const outcome = await this.#create(type, desired as unknown as T);
      if (outcome === 'present') await this.#apply(type, desired);
      return;
    }
    this.#assertUsable(type, cached, desired);
    const whole = await this.#putBack(type, desired, cached);
    await applyIfChanged(this.#options.client, type, { desired, cached: whole }, { fieldManager, conflicts: 'force' }, this.#call);
  }

  /** Names are deterministic: what is there already was made by an earlier try of the same plan, or belongs to somebody else. */
  async #create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<'created' | 'present'> {
    try {
      await this.#options.client.create(type, object, this.#call);
      return 'created';
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await this.#options.client.find(type, keyOf(object), this.#call);
      if (existing !== undefined) this.#assertOurs(type, existing, object);
      return 'present';
    }
  }

  #assertOurs<T extends KubeObject>(type: ResourceType<T>, found: T, wanted: T): void {
    const standing = standingOf(found, wanted);
    if (standing === 'former') throw new FormerObjectError(type.kind, found.metadata.name);
    if (standing !== 'ours') throw new ForeignObjectError(type.kind, found.metadata.name);
  }

  /** An object with our labels that somebody took the owner off is ours. */
  #assertUsable<T extends KubeObject>(type: ResourceType<T>, found: T, wanted: Applied<T>): void {
    if (standingOf(found, wanted as unknown as T) !== 'orphan') this.#assertOurs(type, found, wanted as unknown as T);
  }

  /** The object without what others wrote into its spec. */
  async #putBack<T extends KubeObject>(type: ResourceType<T>, desired: Applied<T>, cached: T): Promise<T> {
    const { client, putBack } = this.#options;
    if (putBack.has(cached) || strayMembers(desired, cached).length === 0) return cached;
    const whole = await client.jsonPatch(type, keyOf(cached), wholeSpec(desired, cached), this.#call);
    putBack.add(cached);
    return whole;
  }

  /** A child of ours that no cache shows has lost its labels: until they are back it would be taken for absent. */
  async #apply<T extends KubeObject>(type: ResourceType<T>, desired: Applied<T>): Promise<void> {
    await this.#options.client.apply(type, desired, { fieldManager, conflicts: 'force' }, this.#call);
  }

  async #remove<T extends KubeObject>(type: ResourceType<T>, name: string): Promise<void> {
    try {
      await this.#options.client.delete(type, { namespace: this.#namespace, name }, { propagationPolicy: 'Background' }, this.#call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

import type { AgentDeployment, Release } from '@sluice/crds';
import { type Applied, configMaps, type Deployment, deployments, type KubeClient, type KubeObject, namespaces, type ResourceType, secrets, systemClock } from '@sluice/kube';
import { agentDeployments, evalSuites, modelProviders, releases } from '../resources.ts';
import { settleMs } from '../revision/index.ts';
import { agent, type AgentSketch, promptConfigMap, provider, providerKey, suite } from './manifests.ts';
import type { RecordedRequest } from './recording-proxy.ts';
import type { RunningOperator } from './running-operator.ts';
import { call, type TestCluster } from './test-cluster.ts';
import { until } from './until.ts';

export { phasesOf } from './agent-states.ts';

/** What the stories play on: one cluster, one operator for all of them. */
export interface Stage {
  readonly cluster: () => TestCluster;
  readonly operator: () => RunningOperator;
}

/** The namespace of one story, and what a user does and sees in it. */
export class Scene {
  readonly namespace: string;
  readonly admin: KubeClient;
  readonly #cluster: TestCluster;

  private constructor(cluster: TestCluster, namespace: string) {
    this.#cluster = cluster;
    this.admin = cluster.admin;
    this.namespace = namespace;
  }

  /** With a provider, its key and a suite, unless told to be `empty`; the key is older than what uses it, as a rule it is (revision/secret-version.ts). */
  static async open(cluster: TestCluster, title: string, content: 'furnished' | 'empty' = 'furnished'): Promise<Scene> {
    const scene = Scene.in(cluster, await cluster.namespace(title));
    if (content === 'empty') return scene;
    await scene.furnish();
    await systemClock.sleep(settleMs, call);
    return scene;
  }

  static in(cluster: TestCluster, namespace: string): Scene {
    return new Scene(cluster, namespace);
  }

  /** What the pods of this story find of the model provider from now on. */
  providerGoes(where: 'Down' | 'Up'): void {
    if (where === 'Down') this.#cluster.outages.set(this.namespace, systemClock.now());
    else this.#cluster.outages.delete(this.namespace);
  }

  async furnish(): Promise<void> {
    await this.apply(secrets, providerKey);
    await this.apply(modelProviders, provider);
    await this.apply(evalSuites, suite);
  }

  /** As `kubectl apply --server-side` does. */
  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>): Promise<T> {
    const placed = { ...object, metadata: { ...object.metadata, namespace: this.namespace } };
    return this.admin.apply(type, placed, { fieldManager: 'user', conflicts: 'force' }, call);
  }

  applyAgent(sketch: AgentSketch): Promise<AgentDeployment> {
    return this.apply(agentDeployments, agent(sketch));
  }

  applyPrompt(name: string, text: string): Promise<unknown> {
    return this.apply(configMaps, promptConfigMap(name, text));
  }

  agent(name = 'support'): Promise<AgentDeployment> {
    return this.admin.get(agentDeployments, { namespace: this.namespace, name }, call);
  }

  find<T extends KubeObject>(type: ResourceType<T>, name: string): Promise<T | undefined> {
    return this.admin.find(type, { namespace: this.namespace, name }, call);
  }

  get<T extends KubeObject>(type: ResourceType<T>, name: string): Promise<T> {
    return this.admin.get(type, { namespace: this.namespace, name }, call);
  }

  async list<T extends KubeObject>(type: ResourceType<T>): Promise<T[]> {
    return (await this.admin.list(type, { namespace: this.namespace }, call)).items;
  }

  /** The agent once its status is about the present spec and `holds`. */
  untilAgent(what: string, holds: (status: NonNullable<AgentDeployment['status']>) => boolean, name = 'support'): Promise<AgentDeployment> {
    return until(what, () => this.agent(name), ({ metadata, status }) => status !== undefined && status.observedGeneration === metadata.generation && holds(status));
  }

  untilHealthy(name = 'support'): Promise<AgentDeployment> {
    return this.untilAgent(`${name} is healthy`, (status) => status.phase === 'Healthy', name);
  }

  untilRelease(name: string, what: string, holds: (status: NonNullable<Release['status']>) => boolean): Promise<Release> {
    return until(`${name} ${what}`, () => this.find(releases, name), (release) => release?.status !== undefined && holds(release.status)) as Promise<Release>;
  }

  /** The release once it is in `phase`. */
  untilPhase(name: string, phase: NonNullable<NonNullable<Release['status']>['phase']>): Promise<Release> {
    return this.untilRelease(name, `is ${phase}`, (status) => status.phase === phase);
  }

  /** Once the only Deployments are those of these revisions, with so many ready pods each. */
  untilDeployments(ready: Readonly<Record<string, number>>, name = 'support'): Promise<Deployment[]> {
    const wanted = JSON.stringify(Object.entries(ready).map(([revision, count]) => `${name}-${revision}: ${count} of ${count}`).toSorted());
    return until(`the Deployments are ${wanted}`, () => this.list(deployments), (found) => JSON.stringify(found.map(inWords).toSorted()) === wanted);
  }

  /** What this story's operator asked for in this namespace. */
  requestsOf(operator: RunningOperator): RecordedRequest[] {
    return operator.proxy.requests.filter((request) => request.namespace === this.namespace);
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.#cluster.kubectl(['--namespace', this.namespace, ...args]);
  }

  async removeNamespace(): Promise<void> {
    await this.admin.delete(namespaces, { namespace: '', name: this.namespace }, {}, call);
  }
}

function inWords({ metadata, spec, status }: Deployment): string {
  return `${metadata.name}: ${status?.readyReplicas ?? 0} of ${spec.replicas ?? 0}`;
}

/** The revision that serves. Throws when there is none. */
export function stableOf({ status }: AgentDeployment): string {
  if (status?.stable === undefined) throw new Error(`no revision serves: ${JSON.stringify(status)}`);
  return status.stable.revision;
}

import { deployments, networkPolicies, pods } from '@sluice/kube';
import type { Deployment, KubeObject, NetworkPolicy, Pod } from '@sluice/kube';
import { agentLabel } from '../../children/index.ts';
import { selects } from '../observe/policies.ts';
import type { MemoryCluster } from './memory-cluster.ts';

/** Times that time passes until the garbage collector tells the pods of a deleted Deployment to end. */
const lateness = 2;

export interface PlayedPodsOptions {
  readonly agent: string;
  /** `Slowly`: a pod that is told to end is still there until time passes once more. */
  readonly end: 'AtOnce' | 'Slowly';
}

/** The pods of one agent, as the controllers of Kubernetes make and end them. */
export class PlayedPods {
  readonly #cluster: MemoryCluster;
  readonly #agent: string;
  readonly #end: PlayedPodsOptions['end'];
  /** Names of pods that were told to end. */
  readonly #ending = new Set<string>();
  /** By name of a pod whose Deployment is gone: how often time has passed since. */
  readonly #orphaned = new Map<string, number>();

  constructor(cluster: MemoryCluster, { agent, end }: PlayedPodsOptions) {
    this.#cluster = cluster;
    this.#agent = agent;
    this.#end = end;
  }

  /** Pods that were told to end and are still there. */
  get ending(): number {
    return this.#ending.size;
  }

  /** Pods whose Deployment is gone and that are still there. */
  get orphans(): readonly Pod[] {
    const owners = new Set(this.#of('Deployment').map(({ metadata }) => metadata.name));
    return (this.#of('Pod') as Pod[]).filter(({ metadata }) => !owners.has(nameOfOwner(metadata.name)));
  }

  /** Makes the pods of a Deployment as many as are ready. */
  follow(deployment: Deployment, ready: number): void {
    for (const pod of this.#own(deployment)) if (indexOf(pod) >= ready) this.#tellToEnd(pod);
    this.makeUpTo(deployment, ready);
  }

  /** Makes the pods of a Deployment that are missing from so many. */
  makeUpTo(deployment: Deployment, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const pod = playedPod(deployment, index);
      if (this.#ending.delete(pod.metadata.name) || this.#cluster.find(pods, keyOf(pod)) === undefined) this.#cluster.put(pods, pod);
    }
  }

  /** All pods of a Deployment die at once. */
  kill(deployment: Deployment): void {
    for (const { metadata } of this.#own(deployment)) this.#remove(metadata);
  }

  /** Time passes: what was told to end is gone. The garbage collector is late. */
  collect(): void {
    for (const pod of this.#of('Pod')) if (this.#ending.has(pod.metadata.name)) this.#remove(pod.metadata);
    const orphans = this.orphans;
    for (const name of this.#orphaned.keys()) if (!orphans.some(({ metadata }) => metadata.name === name)) this.#orphaned.delete(name);
    for (const { metadata } of orphans) {
      const times = (this.#orphaned.get(metadata.name) ?? 0) + 1;
      this.#orphaned.set(metadata.name, times);
    }
    for (const pod of orphans) if ((this.#orphaned.get(pod.metadata.name) ?? 0) >= lateness) this.#tellToEnd(pod);
  }

  /** Invariant: a pod without its policy, or one that a Deployment is about to make, may connect to anything. Throws where there is one. */
  assertBounded(): void {
    const policies = this.#of(networkPolicies.kind) as NetworkPolicy[];
    const made = (this.#of(deployments.kind) as Deployment[]).map(({ metadata, spec }) => ({ name: `the next pod of ${metadata.name}`, labels: spec.template.metadata?.labels }));
    const there = this.#of('Pod').map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels }));
    const open = [...there, ...made].find(({ labels }) => !policies.some((policy) => selects(policy, labels)));
    if (open !== undefined) throw new Error(`everyPodIsBounded: ${open.name} has no NetworkPolicy`);
  }

  #of(kind: string): readonly KubeObject[] {
    return this.#cluster.list(kind).filter(({ metadata }) => metadata.labels?.[agentLabel] === this.#agent);
  }

  #own({ metadata }: Deployment): readonly Pod[] {
    return (this.#of('Pod') as Pod[]).filter((pod) => nameOfOwner(pod.metadata.name) === metadata.name);
  }

  #tellToEnd(pod: Pod): void {
    const { metadata } = pod;
    if (this.#end === 'AtOnce') return this.#remove(metadata);
    if (this.#ending.has(metadata.name)) return;
    this.#ending.add(metadata.name);
    this.#cluster.put(pods, { ...pod, metadata: { ...metadata, deletionTimestamp: '2026-11-21T10:00:00Z', deletionGracePeriodSeconds: 30 } });
  }

  #remove(metadata: KubeObject['metadata']): void {
    this.#ending.delete(metadata.name);
    this.#cluster.remove(pods, { namespace: metadata.namespace ?? '', name: metadata.name });
  }
}

function indexOf({ metadata: { name } }: Pod): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

function nameOfOwner(pod: string): string {
  return pod.slice(0, pod.lastIndexOf('-'));
}

function keyOf({ metadata }: KubeObject): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** A pod that is ready, and whose metrics can be read. */
function playedPod({ metadata, spec }: Deployment, index: number): Pod {
  const name = `${metadata.name}-${index}`;
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: metadata.namespace ?? '', uid: `pod-${name}`, labels: { ...metadata.labels, ...spec.template.metadata?.labels } }, spec: { containers: [] },
    status: {
      phase: 'Running', podIP: '192.0.2.1', startTime: '2026-11-21T10:00:00Z', conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'agent', ready: true, started: true, restartCount: 0, image: '', imageID: '', state: {} }],
    },
  };
}

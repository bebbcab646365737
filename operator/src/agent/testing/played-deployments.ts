import { deployments } from '@sluice/kube';
import type { Deployment } from '@sluice/kube';
import { revisionLabel } from '../../children/index.ts';
import type { MemoryCluster } from './memory-cluster.ts';
import type { PlayedPods } from './played-pods.ts';

/** `Late`: a controller hears of a change when time has passed a few times, and says so before pods come or go. */
export type ControllerPace = 'Prompt' | 'Late';

/** Times that time passes until a late controller says that it has heard of a change; the next time it acts. */
const hearsAt = 3;

/** What was asked of a Deployment last. */
interface Asked {
  readonly generation: number;
  /** How often time has passed since. */
  readonly times: number;
  readonly deployment: Deployment;
  /** Pods that its ReplicaSet may still make, because it was told to once and of nothing else since. */
  readonly owed: number;
}

export interface PlayedTime {
  /** Of the missing pods, how many become ready meanwhile; in (0, 1]. */
  readonly share: number;
  readonly isDead: (revision: string) => boolean;
}

/** The controllers of one agent's Deployments and of their ReplicaSets. */
export class PlayedDeployments {
  readonly #cluster: MemoryCluster;
  readonly #pods: PlayedPods;
  readonly #pace: ControllerPace;
  /** By uid. */
  readonly #asked = new Map<string, Asked>();

  constructor(cluster: MemoryCluster, { pods, pace }: { readonly pods: PlayedPods; readonly pace: ControllerPace }) {
    this.#cluster = cluster;
    this.#pods = pods;
    this.#pace = pace;
  }

  /** Whether all that was asked of them is done. */
  isIdle(all: readonly Deployment[]): boolean {
    if (this.#pace === 'Prompt') return true;
    const acted = all.every(({ metadata }) => this.#hasActed(this.#asked.get(metadata.uid ?? ''), metadata.generation));
    return acted && this.#gone(all).length === 0 && this.#pods.ending === 0;
  }

  /** Time passes. */
  pass(all: readonly Deployment[], time: PlayedTime): void {
    for (const [uid, { deployment, owed }] of this.#gone(all)) {
      this.#asked.delete(uid);
      // A ReplicaSet makes its pods until the garbage collector has come to it.
      this.#pods.makeUpTo(deployment, owed);
    }
    for (const deployment of all) this.#move(deployment, time);
  }

  #gone(all: readonly Deployment[]): readonly (readonly [string, Asked])[] {
    return [...this.#asked].filter(([uid]) => all.every(({ metadata }) => metadata.uid !== uid));
  }

  #move(deployment: Deployment, time: PlayedTime): void {
    if (this.#pace === 'Prompt') return this.#act(deployment, time);
    const asked = this.#hear(deployment);
    const { generation = 0 } = deployment.metadata;
    if (this.#hasActed(asked, generation)) this.#act(deployment, time);
    else if (asked.times === hearsAt) this.#put(deployment, { observedGeneration: generation, readyReplicas: deployment.status?.readyReplicas ?? 0, replicas: deployment.status?.replicas ?? 0 });
  }

  #hear(deployment: Deployment): Asked {
    const { metadata: { generation = 0, uid = '' }, spec: { replicas = 1 } } = deployment;
    const before = this.#asked.get(uid);
    const times = before?.generation === generation ? before.times + 1 : 1;
    const owed = times > hearsAt ? replicas : Math.max(before?.owed ?? 0, replicas);
    const asked = { generation, times, deployment, owed };
    this.#asked.set(uid, asked);
    return asked;
  }

  #hasActed(asked: Asked | undefined, generation: number | undefined): boolean {
    return asked !== undefined && asked.generation === generation && asked.times > hearsAt;
  }

  #act(deployment: Deployment, { share, isDead }: PlayedTime): void {
    const { metadata: { generation = 0, labels = {} }, spec: { replicas: wanted = 1 }, status } = deployment;
    const ready = status?.readyReplicas ?? 0;
    const next = wanted < ready ? wanted : isDead(labels[revisionLabel] ?? '') ? 0 : ready + Math.ceil((wanted - ready) * share);
    this.#put(deployment, { observedGeneration: generation, readyReplicas: next, replicas: wanted });
    this.#pods.follow(deployment, next);
  }

  #put(deployment: Deployment, news: Required<Pick<NonNullable<Deployment['status']>, 'observedGeneration' | 'readyReplicas' | 'replicas'>>): void {
    const { status } = deployment;
    if (status?.observedGeneration === news.observedGeneration && (status.readyReplicas ?? 0) === news.readyReplicas && (status.replicas ?? 0) === news.replicas) return;
    this.#cluster.put(deployments, { ...deployment, status: { ...status, ...news } });
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import { bundleFileName, type EvalReport, type EvalSuiteSpec } from '@sluice/crds';
import { configMaps, isNotFound, type Pod, pods, type PodStatus, systemClock } from '@sluice/kube';
import { revisionLabel } from '../children/index.ts';
import { suiteFileName } from '../evaluation/suite-config-map.ts';
import { isoTime } from '../evidence/index.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import { EvalPod } from './eval-pod.ts';
import { PodMetrics } from './pod-metrics.ts';
import { call, type TestCluster } from './test-cluster.ts';

const lookEveryMs = 200;
const labelSelector = 'app.kubernetes.io/managed-by=sluice';

interface PlayedPod {
  /** Statuses that it still has to go through. */
  readonly ahead: PodStatus[];
  /** Ends what runs for it. */
  readonly end?: () => Promise<void>;
}

/** Stands in for the nodes: pods become ready, or run their suite and end, as their revision's prompt says (behaviour.ts). */
export class PlayedKubelet {
  readonly #cluster: TestCluster;
  readonly #pods = new Map<string, PlayedPod>();
  /** Pods in which the runtime itself runs a suite, those that are gone included. */
  readonly evalPods: EvalPod[] = [];
  readonly #stop = new AbortController();
  /** Pods that serve or try to, by namespace and revision. */
  readonly #begun = new Map<string, number>();
  #addresses = 0;
  #work: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  static start(cluster: TestCluster): PlayedKubelet {
    const kubelet = new PlayedKubelet(cluster);
    kubelet.#work = kubelet.#run();
    return kubelet;
  }

  /** Rejects with the first thing that went wrong while it played: a test may have waited for a pod in vain. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    for (const { end } of this.#pods.values()) await end?.();
    if (this.#failure !== undefined) throw new Error('the played kubelet failed', { cause: this.#failure });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look().catch((error: unknown) => this.#note(error));
      await wait(lookEveryMs);
    }
  }

  async #look(): Promise<void> {
    const { items } = await this.#cluster.admin.list(pods, { labelSelector }, call);
    await this.#forgetAllBut(new Set(items.map((pod) => pod.metadata.uid ?? '')));
    // What another test file left behind is on its way out, and was played by its own kubelet.
    const own = items.filter((pod) => this.#cluster.namespaces.includes(pod.metadata.namespace ?? ''));
    for (const pod of own) await this.#play(pod).catch((error: unknown) => this.#note(error));
  }

  /** A pod that was deleted meanwhile, or its ConfigMap, is no failure. */
  #note(error: unknown): void {
    if (!isNotFound(error)) this.#failure ??= error;
  }

  async #play(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    const played = this.#pods.get(uid) ?? (await this.#begin(pod));
    this.#pods.set(uid, played);
    const next = played.ahead.shift();
    if (next === undefined) return;
    await this.#cluster.admin.mergePatchStatus(pods, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, { status: next }, call);
  }

  async #begin(pod: Pod): Promise<PlayedPod> {
    const bundle = JSON.parse(await this.#mounted(pod, bundleFileName)) as { readonly prompt: string };
    const behaviour = behaviourOf(bundle.prompt);
    if (pod.spec.containers[0]?.args?.[0] === 'eval') return behaviour.eval === 'real' ? await this.#realEvaluation(pod) : { ahead: await this.#evaluation(pod, behaviour) };
    if (this.#count(pod) > behaviour.readyPods) return { ahead: [waiting('ImagePullBackOff')] };
    const ip = this.#nextAddress();
    const cutOffSince = (): number | undefined => (behaviour.live === 'cut-off' ? 0 : this.#cluster.outages.get(pod.metadata.namespace ?? ''));
    const metrics = await PodMetrics.listen(ip, { live: behaviour.live, cutOffSince });
    return { end: () => metrics.close(), ahead: [serving(ip)] };
  }

  async #realEvaluation(pod: Pod): Promise<PlayedPod> {
    const ip = this.#nextAddress();
    const evalPod = await EvalPod.start(pod, { ip, client: this.#cluster.admin, begun: { ...running(), podIP: ip }, ended: endedWith });
    this.evalPods.push(evalPod);
    return { ahead: evalPod.statuses, end: () => evalPod.remove() };
  }

  /** How many pods of its revision have begun, this one included. */
  #count({ metadata }: Pod): number {
    const revision = `${metadata.namespace}/${metadata.labels?.[revisionLabel]}`;
    const count = (this.#begun.get(revision) ?? 0) + 1;
    this.#begun.set(revision, count);
    return count;
  }

  async #evaluation(pod: Pod, behaviour: Behaviour): Promise<PodStatus[]> {
    if (behaviour.eval === 'unstartable') return [waiting('InvalidImageName')];
    if (behaviour.eval === 'waiting') return [waiting('ContainerCreating')];
    const suite = JSON.parse(await this.#mounted(pod, suiteFileName)) as EvalSuiteSpec;
    return [running(), ended(reportOn(suite, behaviour))];
  }

  /** Text of the file that a volume of the pod takes from a ConfigMap. */
  async #mounted(pod: Pod, file: string): Promise<string> {
    for (const volume of pod.spec.volumes ?? []) {
      const source = volume['configMap'] as { readonly name: string; readonly items?: readonly { readonly key: string }[] } | undefined;
      if (source?.items?.some((item) => item.key === file) !== true) continue;
      const configMap = await this.#cluster.admin.get(configMaps, { namespace: pod.metadata.namespace ?? '', name: source.name }, call);
      return configMap.data?.[file] ?? '';
    }
    throw new Error(`pod ${pod.metadata.name} mounts no ${file}`);
  }

  async #forgetAllBut(present: ReadonlySet<string>): Promise<void> {
    for (const [uid, { end }] of this.#pods) {
      if (present.has(uid)) continue;
      await end?.();
      this.#pods.delete(uid);
    }
  }

  /** In a part of the loopback network of this process's own, so that two test runs do not meet. */
  #nextAddress(): string {
    this.#addresses += 1;
    return `127.${2 + (process.pid % 250)}.${Math.floor(this.#addresses / 250)}.${1 + (this.#addresses % 250)}`;
  }
}

function serving(ip: string): PodStatus {
  return { ...running(), podIP: ip, conditions: [{ type: 'Ready', status: 'True' }] };
}

function running(): PodStatus {
  const startedAt = isoTime(systemClock.now());
  return {
    phase: 'Running',
    startTime: startedAt,
    containerStatuses: [{ ...container, ready: true, started: true, state: { running: { startedAt } } }],
  };
}

function waiting(reason: string): PodStatus {
  return { phase: 'Pending', containerStatuses: [{ ...container, ready: false, started: false, state: { waiting: { reason, message: 'as the test wants it' } } }] };
}

function ended(report: EvalReport): PodStatus {
  return endedWith(report.failed === 0 ? 0 : 1, JSON.stringify(report));
}

function endedWith(exitCode: number, message: string): PodStatus {
  const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', message };
  return { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ ...container, ready: false, started: false, state: { terminated } }] };
}

const container = { name: 'agent', restartCount: 0, image: 'agent', imageID: 'agent' };

function reportOn({ cases }: EvalSuiteSpec, behaviour: Behaviour): EvalReport {
  const failing = behaviour.eval === 'failing' ? cases.filter((each) => each.hard) : [];
  const failures = failing.map(({ name }) => ({ name, reason: 'expected the answer to contain "30 days"', hard: true, outcome: 'Failed' as const }));
  return { total: cases.length, passed: cases.length - failures.length, failed: failures.length, errored: 0, failures };
}

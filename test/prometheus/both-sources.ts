import { silentLogger, systemClock } from '@sluice/kube';
import type { Objective } from '@sluice/crds';
import { PodScraper, PrometheusSource, type Evidence, type EvidenceSource } from '../../operator/src/evidence/index.ts';
import type { PlayedPod } from './played-pod.ts';
import type { PrometheusServer } from './prometheus-server.ts';

const calls = 'sluice_tool_calls_total{outcome!="cancelled"}';

/** One of every kind that counts something. */
export const objectives: readonly Objective[] = [
  { name: 'tools', toolErrors: {} },
  { name: 'cited', citations: {} },
  { name: 'rules', blocked: {} },
  { name: 'dollars', cost: {} },
  { name: 'timeouts', counter: { bad: { metric: 'sluice_tool_calls_total', labels: [{ name: 'outcome', value: 'timeout' }] }, total: { metric: 'sluice_tool_calls_total' } } },
];

/** Counts by PromQL what the objective "tools" counts of users. */
export const queryObjective: Objective = {
  name: 'asked',
  query: { bad: 'sum by (namespace, pod) (sluice_tool_calls_total{outcome=~"error|timeout|refused"})', total: `sum by (namespace, pod) (${calls})` },
};

export interface Pods {
  readonly stable: readonly PlayedPod[];
  readonly canary: readonly PlayedPod[];
}

/** Both sources on the same pods, look by look. */
export class BothSources {
  readonly pods: PodScraper;
  readonly prometheus: PrometheusSource;
  readonly #server: PrometheusServer;
  readonly #since: number;
  readonly #objectives: readonly Objective[] | undefined;
  readonly #previous = new Map<EvidenceSource, Evidence>();
  #look = 0;

  constructor(server: PrometheusServer, options: { readonly since: number; readonly caFile: string; /** Default one of every kind. */ readonly objectives?: readonly Objective[] }) {
    this.#server = server;
    this.#since = options.since;
    this.#objectives = options.objectives;
    this.pods = new PodScraper({ clock: systemClock });
    this.prometheus = new PrometheusSource({ clock: systemClock, logger: silentLogger, url: server.url, caFile: options.caFile, timeoutMs: 20_000, minIntervalMs: 0 });
  }

  /** When both have read what the pods say now. `silent`: pods that answer nobody. */
  async look({ stable, canary }: Pods, call: { readonly signal: AbortSignal; readonly silent?: readonly PlayedPod[] }): Promise<{ pods: Evidence; prometheus: Evidence }> {
    this.#look += 1;
    const silent = call.silent ?? [];
    const heard = [...stable, ...canary].filter((pod) => !silent.includes(pod));
    for (const pod of heard) {
      pod.mark(this.#look);
      await this.#server.until(`test_look{pod="${pod.name}"}`, ([seen]) => seen === this.#look);
    }
    for (const pod of silent) await this.#server.until(`up{pod="${pod.name}"}`, ([up]) => up === 0);
    return { pods: await this.#collect(this.pods, { stable, canary }, call), prometheus: await this.#collect(this.prometheus, { stable, canary }, call) };
  }

  async close(): Promise<void> {
    await Promise.all([this.pods.close(), this.prometheus.close()]);
  }

  async #collect(source: EvidenceSource, { stable, canary }: Pods, { signal }: { readonly signal: AbortSignal }): Promise<Evidence> {
    const targets = (pods: readonly PlayedPod[]) => pods.map(({ target }) => target);
    const asked = this.#objectives ?? (source === this.prometheus ? [...objectives, queryObjective] : objectives);
    const evidence = await source.collect({ windowId: 'w', since: this.#since, previous: this.#previous.get(source), stable: targets(stable), canary: targets(canary), objectives: asked }, { signal });
    this.#previous.set(source, evidence);
    return evidence;
  }
}

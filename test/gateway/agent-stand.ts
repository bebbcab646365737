import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentDeployment, IntentVerb, Release } from '@sluice/crds';
import { type Deployment, deployments, horizontalPodAutoscalers, KubeClient, KubeError, loadKubeConfig, pods, Transport } from '@sluice/kube';
import { parseAllDocuments } from 'yaml';
import { agentDeployments, releases } from '../../operator/src/resources.ts';
import { shardLabel } from '../../operator/src/sharding/shard.ts';
import { httpRoutes, type HTTPRoute } from '../../operator/src/traffic/http-routes.ts';
import { type LoadReport, parseReport } from '../load/report.ts';
import { kubectlAt, type Kubectl } from '../story/kubectl.ts';
import { exampleFiles, manifest } from '../story/manifests.ts';
import { namespace as exampleNamespace, agentName } from '../story/stage.ts';
import type { LoadOptions, LoadSummary } from './pods/load-client.ts';
import { askScript, SCRIPT_PORT, scriptPod, scriptsConfigMap } from './script-pod.ts';
import type { GatewayAddress } from './stand.ts';

export interface AgentStandOptions {
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  readonly testToolsImage: string;
  /** Absent: the agent has no route, and requests come to its Service. */
  readonly gateway?: GatewayAddress;
  readonly namespace: string;
  /** Name of the agent that is watched; default `support`. */
  readonly agent?: string;
  readonly signal: AbortSignal;
}

/** What is changed of the example's agent. */
export interface AgentChange {
  /** Added to the prompt: another text is another revision. */
  readonly prompt: string;
  /** Its stickiness is left out where there is no Gateway, which alone can send a session to its revision. */
  readonly rollout: Readonly<Record<string, unknown>>;
  /** In place of the example's tool: one of the same name that writes, at this path of the provider simulator. */
  readonly writesTo?: string;
  /** Default `support`. */
  readonly name?: string;
  /** Default 2; none where there is `autoscaling`. */
  readonly replicas?: number;
  readonly autoscaling?: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly suspend?: true;
  /** Of the operator that shall look after it; absent: the one without. */
  readonly shard?: string;
  /** Name of a Deployment that was made by hand. */
  readonly adopts?: string;
}

/** In an object of YAML, whatever its kind. */
export interface Manifest {
  readonly metadata: { readonly name: string };
  spec: Record<string, unknown>;
}

interface ExampleAgent extends Manifest {
  readonly spec: { readonly agent: { readonly prompt: { readonly inline: string }; readonly tools: readonly ExampleTool[] } };
}

interface ExampleTool {
  readonly http: { readonly url: string };
  readonly effect?: 'Write';
}

/** Requests a second: little enough that a busy machine does not make requests fail. */
const LOAD_RATE = 6;
/** Every other request is a stream of server-sent events. */
const STREAM_SHARE = '0.5';
/** Long enough that there are always some requests on their way. */
const PROVIDER_SCRIPT = JSON.stringify({ seed: 1, latency: { lognormalMs: { median: 300, p95: 900 } } });
const READY_TIMEOUT_MS = 130_000;
const LOOK_EVERY_MS = 400;
const FIELD_MANAGER = 'gateway-checks';
const NO_PODS = 'no-new-pods';
const SESSIONS = 'sessions';
const RUNTIME_PORT = 8080;

/** An agent behind the Gateway, its simulated provider, and continuous load on it through Envoy. */
export class AgentStand {
  readonly #options: AgentStandOptions;
  readonly #kubectl: Kubectl;
  readonly #transport: Transport;
  readonly #client: KubeClient;
  readonly #agent: string;

  constructor(options: AgentStandOptions) {
    this.#options = options;
    this.#agent = options.agent ?? agentName;
    this.#kubectl = kubectlAt(options.kubectl, options.kubeconfig);
    this.#transport = new Transport({ connection: loadKubeConfig({ path: options.kubeconfig, env: {} }), userAgent: FIELD_MANAGER });
    this.#client = new KubeClient({ transport: this.#transport });
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  /** `script` of the provider simulator, JSON. */
  async build(script = PROVIDER_SCRIPT): Promise<void> {
    const { namespace } = this.#options;
    await this.kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=true', '--timeout=120s']);
    await this.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'model-provider-key', namespace }, stringData: { 'api-key': 'simulated' } },
      ...(await this.manifests('test/tools-in-cluster/provider-simulator.yaml')).map((object) => withScript(object, script)),
      ...(await this.manifests(exampleFiles.provider)),
    ]);
    await this.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/provider-simulator', '--timeout=120s']);
  }

  async remove(): Promise<void> {
    await this.kubectl(['delete', 'namespace', this.#options.namespace, '--ignore-not-found', '--wait=false']);
  }

  async startLoad(): Promise<void> {
    const objects = (await this.manifests('test/tools-in-cluster/load.yaml')) as (Manifest & { spec: { template?: { spec: { containers: { args: string[] }[] } } } })[];
    for (const { spec } of objects) for (const container of spec.template?.spec.containers ?? []) container.args.push('--stream-share', STREAM_SHARE);
    await this.apply(objects);
    await this.kubectl(['-n', this.#options.namespace, 'rollout', 'status', 'deployment/load', '--timeout=60s']);
  }

  /** Users who come back: each keeps the cookie that it was given. One of them listens to streams. */
  async startSessions(): Promise<void> {
    const { namespace, testToolsImage } = this.#options;
    const url = `${this.url}/v1/invoke`;
    const body = JSON.stringify({ tenant_id: 'acme', user_id: 'session', workflow: 'support', input: { text: 'How do refunds work?' } });
    const options: LoadOptions = { url, streamPath: new URL(url).pathname, body, concurrency: 4, streams: 1, pauseMs: 1_000 };
    await this.apply([await scriptsConfigMap(namespace), scriptPod({ name: SESSIONS, namespace, image: testToolsImage, script: 'load-main.ts', ports: [SCRIPT_PORT], env: {} })]);
    await this.kubectl(['-n', namespace, 'wait', `pod/${SESSIONS}`, '--for=condition=Ready', '--timeout=120s']);
    await this.#askSessions('/start', { options: JSON.stringify(options) });
  }

  async sessions(): Promise<LoadSummary> {
    return this.#askSessions('/summary', {}) as Promise<LoadSummary>;
  }

  async #askSessions(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const { namespace, signal } = this.#options;
    return askScript(this.#kubectl, { namespace, pod: SESSIONS, path, query: { name: SESSIONS, ...query } }, { signal });
  }

  async applyAgent(change: AgentChange): Promise<void> {
    const [agent] = (await this.manifests(exampleFiles.v1)) as [ExampleAgent];
    await this.apply([changed(agent, change, this.#options.gateway)]);
  }

  async agent(): Promise<AgentDeployment | undefined> {
    return this.#client.find(agentDeployments, { namespace: this.#options.namespace, name: this.#agent }, this.#options);
  }

  async release(name: string): Promise<Release | undefined> {
    return this.#client.find(releases, { namespace: this.#options.namespace, name }, this.#options);
  }

  /** Percent by revision, as the HTTPRoute says; empty where there is none yet, undefined where there is to be none. */
  async routeWeights(): Promise<Readonly<Record<string, number>> | undefined> {
    if (this.#options.gateway === undefined) return undefined;
    const route = await this.#client.find(httpRoutes, { namespace: this.#options.namespace, name: this.#agent }, this.#options);
    return route === undefined ? {} : weightsOf(route);
  }

  async intend(release: Release, verb: IntentVerb): Promise<void> {
    const intent = { verb, revision: release.spec.revision, requestId: `${FIELD_MANAGER}-${verb}-${release.metadata.name}` };
    await this.kubectl(['-n', this.#options.namespace, 'patch', 'releases.sluice.dev', release.metadata.name, '--type=merge', '-p', JSON.stringify({ spec: { intent } })]);
  }

  /** Revisions that have an autoscaler. */
  async autoscaled(): Promise<readonly string[]> {
    const { items } = await this.#client.list(horizontalPodAutoscalers, { namespace: this.#options.namespace, labelSelector: `sluice.dev/agent=${this.#agent}` }, this.#options);
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.labels?.['sluice.dev/revision'] ?? '');
  }

  async replicasOf(deployment: string): Promise<number | undefined> {
    return (await this.#client.find(deployments, { namespace: this.#options.namespace, name: deployment }, this.#options))?.spec.replicas;
  }

  /** Makes of the agent `seed` a Deployment and a Service as somebody makes them by hand: only their names are known to the operator. */
  async becomeLegacy({ seed, deployment }: { readonly seed: string; readonly deployment: string }): Promise<void> {
    const { namespace } = this.#options;
    await this.kubectl(['-n', namespace, 'wait', `agentdeployment/${seed}`, '--for=condition=Ready', '--timeout=120s']);
    const { items } = await this.#client.list(deployments, { namespace, labelSelector: `sluice.dev/agent=${seed}` }, this.#options);
    const [template] = items.map(({ spec }) => spec.template);
    if (template === undefined) throw new Error(`agent ${seed} has no Deployment`);
    await this.apply(legacyObjects(deployment, { namespace, template }));
    await this.kubectl(['-n', namespace, 'rollout', 'status', `deployment/${deployment}`, '--timeout=120s']);
    // What the pods mount stays.
    await this.kubectl(['-n', namespace, 'delete', `agentdeployment/${seed}`, '--cascade=orphan', '--timeout=60s']);
    await this.kubectl(['-n', namespace, 'delete', 'deployments', '-l', `sluice.dev/agent=${seed}`, '--timeout=120s']);
  }

  /** Those of a revision that are not on their way out. */
  async podNames(revision: string): Promise<readonly string[]> {
    const list = await this.#client.list(pods, { namespace: this.#options.namespace, labelSelector: `sluice.dev/agent=${this.#agent},sluice.dev/revision=${revision}` }, this.#options);
    return list.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
  }

  /** Copies of requests that the pods of a revision have finished, whatever became of them. */
  async mirrored(revision: string): Promise<number> {
    return this.counted(revision, 'sluice_mirrored_requests_total');
  }

  /** Of the pods of a revision together; `metric` with its labels is one series, without them the sum of all. */
  async counted(revision: string, metric: string): Promise<number> {
    const names = await this.podNames(revision);
    const texts = await Promise.all(names.map((name) => this.kubectl(['get', '--raw', `/api/v1/namespaces/${this.#options.namespace}/pods/${name}:${RUNTIME_PORT}/proxy/metrics`])));
    return texts.reduce((sum, text) => sum + sumOf(text, metric), 0);
  }

  /** As `kubectl drain` does it. Throws KubectlError while the disruption budget says no. */
  async evict(pod: string): Promise<void> {
    const { namespace } = this.#options;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
    await this.kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, '-f', '-'], JSON.stringify(eviction));
  }

  /** By force, which leaves a pod 2 s: no time to finish. */
  async kill(names: readonly string[]): Promise<void> {
    await this.kubectl(['-n', this.#options.namespace, 'delete', 'pods', ...names, '--grace-period=0', '--force', '--wait=false']);
  }

  /** Lets no new pod come into the namespace; those that are there stay. */
  async forbidPods(): Promise<void> {
    await this.apply([{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: NO_PODS, namespace: this.#options.namespace }, spec: { hard: { pods: '0' } } }]);
    // Until its controller has seen it, it forbids nothing.
    await this.kubectl(['-n', this.#options.namespace, 'wait', `resourcequota/${NO_PODS}`, '--for=jsonpath={.status.hard.pods}=0', '--timeout=60s']);
  }

  async allowPods(): Promise<void> {
    await this.kubectl(['-n', this.#options.namespace, 'delete', 'resourcequota', NO_PODS]);
  }

  /** The latest line of the load generator; undefined before the first. */
  async load(): Promise<LoadReport | undefined> {
    const { namespace } = this.#options;
    const list = await this.#client.list(pods, { namespace, labelSelector: 'app.kubernetes.io/name=load' }, this.#options);
    const pod = list.items.find((item) => item.status?.phase === 'Running');
    if (pod === undefined) return undefined;
    for await (const line of this.#client.podLogs({ namespace, name: pod.metadata.name }, { tailLines: 1, follow: 'once' }, this.#options)) {
      const report = parseReport(line);
      if (report !== undefined) return report;
    }
    return undefined;
  }

  /** Looks at the agent until `done`. Throws after `limitMs` with the agent's own words. */
  async until(what: string, limitMs: number, done: (agent: AgentDeployment) => boolean | Promise<boolean>): Promise<AgentDeployment> {
    const deadline = AbortSignal.timeout(limitMs);
    for (;;) {
      const agent = await unlessLate(this.agent());
      if (agent !== undefined && (await done(agent))) return agent;
      if (deadline.aborted) throw new Error(`${what}: not within ${limitMs / 1000} s; the agent says: ${JSON.stringify(agent?.status?.release)} ${agent?.status?.message ?? 'nothing'}; its route: ${JSON.stringify(agent?.status?.traffic)}`);
      await sleep(LOOK_EVERY_MS, undefined, this.#options);
    }
  }

  async kubectl(args: readonly string[], input?: string): Promise<string> {
    return this.#kubectl(args, { signal: this.#options.signal, timeoutMs: READY_TIMEOUT_MS, ...(input === undefined ? {} : { input }) });
  }

  /** Where requests are sent to. */
  get url(): string {
    const { gateway, namespace } = this.#options;
    return gateway === undefined ? `http://${this.#agent}.${namespace}.svc` : `http://${gateway.address}:${gateway.port}${pathPrefixOf(this.#agent)}`;
  }

  async apply(objects: readonly object[]): Promise<void> {
    // Not as YAML, where kubectl takes a plain `no` for a boolean.
    await this.kubectl(['apply', '--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }

  /** The objects of a file of the repository, in this stand's namespace. */
  async manifests(path: string): Promise<Manifest[]> {
    const { testToolsImage, namespace } = this.#options;
    const text = await manifest(path, { testToolsImage, loadUrl: this.url, loadRate: LOAD_RATE });
    return parseAllDocuments(text.replaceAll(exampleNamespace, namespace)).map((document) => document.toJS() as Manifest);
  }
}

/** On a machine that is starved of time an answer that comes late is none: one looks again. */
async function unlessLate<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'Timeout') return undefined;
    throw error;
  }
}

/** Requests come under it: other routes of the same Gateway have other paths. */
export function pathPrefixOf(agent: string): string {
  return `/gateway-${agent}`;
}

/** The example's agent, with the change; behind the Gateway where there is one. */
export function changed({ metadata, spec, ...rest }: ExampleAgent, change: AgentChange, gateway: GatewayAddress | undefined): object {
  const { prompt, rollout, writesTo, name = agentName, replicas = 2, autoscaling, suspend, shard, adopts } = change;
  const tools = writesTo === undefined ? spec.agent.tools : spec.agent.tools.map((tool) => writing(tool, writesTo));
  const { stickiness: _stickiness, ...pinless } = rollout;
  const { replicas: _replicas, ...others } = spec as ExampleAgent['spec'] & { readonly replicas?: number };
  return {
    ...rest,
    metadata: { ...metadata, name, ...(shard === undefined ? {} : { labels: { [shardLabel]: shard } }) },
    spec: {
      ...others,
      agent: { ...spec.agent, prompt: { inline: `${spec.agent.prompt.inline}${prompt}\n` }, tools },
      rollout: gateway === undefined ? pinless : rollout,
      ...(autoscaling === undefined ? { replicas } : { autoscaling }),
      ...(gateway === undefined ? {} : { route: { parentRefs: [{ name: gateway.name, namespace: gateway.namespace }], pathPrefix: pathPrefixOf(name) } }),
      ...(suspend === undefined ? {} : { suspend }),
      ...(adopts === undefined ? {} : { adopt: { deploymentRef: { name: adopts } } }),
    },
  };
}

function legacyObjects(name: string, { namespace, template }: { readonly namespace: string; readonly template: Deployment['spec']['template'] }): object[] {
  const labels = { app: name };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: template.spec } } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: agentName, namespace }, spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: RUNTIME_PORT }] } },
  ];
}

/** Percent by revision, of a rule whose backends are the Services `<agent>-<revision>`; those without weight are left out. */
export function weightsOf({ metadata, spec }: HTTPRoute): Readonly<Record<string, number>> {
  const weights: Record<string, number> = {};
  for (const { name, weight = 1 } of spec.rules?.[0]?.backendRefs ?? []) {
    const revision = name.slice(metadata.name.length + 1);
    if (weight > 0) weights[revision] = (weights[revision] ?? 0) + weight;
  }
  return weights;
}

/** Over all series of a counter in Prometheus' text format. */
export function sumOf(text: string, metric: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function writing(tool: ExampleTool, path: string): ExampleTool {
  return { ...tool, effect: 'Write', http: { ...tool.http, url: new URL(tool.http.url).origin + path } };
}

function withScript(object: Manifest, script: string): Manifest {
  const { template } = object.spec as { template?: { spec: { containers: { env?: { name: string; value: string }[] }[] } } };
  for (const container of template?.spec.containers ?? []) for (const variable of container.env ?? []) if (variable.name === 'SIMULATOR_SCRIPT') variable.value = script;
  return object;
}

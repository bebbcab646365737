import { createHash } from 'node:crypto';
import type { AgentDeployment, Release } from '@sluice/crds';
import { configMaps, KubeClient, loadKubeConfig, pods, Transport } from '@sluice/kube';
import type { Pod } from '@sluice/kube';
import { withCurrentStatus } from '../../cli/src/current-status.ts';
import { readLedger } from '../../operator/src/agent/ledger/releases.ts';
import { agentLabel } from '../../operator/src/children/labels.ts';
import { agentDeployments, releases } from '../../operator/src/resources.ts';
import { parseReport } from '../load/report.ts';
import type { LoadReport } from '../load/report.ts';
import { kubectlAt } from './kubectl.ts';
import type { Kubectl } from './kubectl.ts';

type Call = { readonly signal: AbortSignal };

export const namespace = 'sluice-demo';
export const agentName = 'support';

/** On pods of evaluations, which serve nobody. */
const jobLabel = 'batch.kubernetes.io/job-name';

export interface StageOptions {
  /** Path of the program. */
  readonly kubectl: string;
  readonly kubeconfig: string;
}

/** What the story does to the cluster and sees of it. */
export class Stage {
  readonly kubectl: Kubectl;
  readonly #transport: Transport;
  readonly #client: KubeClient;

  constructor(options: StageOptions) {
    this.kubectl = kubectlAt(options.kubectl, options.kubeconfig);
    this.#transport = new Transport({ connection: loadKubeConfig({ path: options.kubeconfig, env: {} }), userAgent: 'sluice-story' });
    this.#client = new KubeClient({ transport: this.#transport });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** As `kubectl apply -f` of that text. */
  async apply(yaml: string, { signal }: Call): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], { signal, input: yaml });
  }

  agent(call: Call): Promise<AgentDeployment | undefined> {
    return this.#client.find(agentDeployments, { namespace, name: agentName }, call);
  }

  release(name: string, call: Call): Promise<Release | undefined> {
    return this.#client.find(releases, { namespace, name }, call);
  }

  /** The agent as its Releases and pods tell it by now, with the Release that is the latest: its own status tells of steps and weights up to 20 s late. */
  async now(agent: AgentDeployment, call: Call): Promise<{ readonly agent: AgentDeployment; readonly latest: Release | undefined }> {
    const [found, list] = await Promise.all([this.agentPods(call), this.#client.list(releases, { namespace, labelSelector: `${agentLabel}=${agentName}` }, call)]);
    const children = { pods: found.filter(({ metadata }) => metadata.labels?.[jobLabel] === undefined), autoscalers: [], routes: [], unreadable: [] };
    const view = withCurrentStatus({ namespace, name: agentName, agent, releases: list.items, children });
    return { agent: view.agent ?? agent, latest: readLedger(list.items).latest };
  }

  async agentPods(call: Call): Promise<readonly Pod[]> {
    const list = await this.#client.list(pods, { namespace, labelSelector: `sluice.dev/agent=${agentName}` }, call);
    return list.items;
  }

  /** The latest line of the load generator; undefined before the first. */
  async loadReport(call: Call): Promise<LoadReport | undefined> {
    const list = await this.#client.list(pods, { namespace, labelSelector: 'app.kubernetes.io/name=load' }, call);
    const pod = list.items.find((item) => item.status?.phase === 'Running' && item.metadata.deletionTimestamp === undefined);
    if (pod === undefined) return undefined;
    for await (const line of this.#client.podLogs({ namespace, name: pod.metadata.name }, { tailLines: 1, follow: 'once' }, call)) {
      const report = parseReport(line);
      if (report !== undefined) return report;
    }
    return undefined;
  }

  /** Asks the agent through its Service, by way of the API server, which works wherever kubectl does. */
  async invoke(text: string, { signal }: Call): Promise<{ status: string; answer: string; policy_version: string }> {
    const input = JSON.stringify({ request_id: 'story', tenant_id: 'acme', user_id: 'reader', workflow: 'support', input: { text } });
    const path = `/api/v1/namespaces/${namespace}/services/${agentName}:http/proxy/v1/invoke`;
    return JSON.parse(await this.kubectl(['create', '--raw', path, '-f', '-'], { signal, input })) as { status: string; answer: string; policy_version: string };
  }

  /** SHA-256 of the configuration file as each serving pod has it mounted. */
  async mountedDigests(call: Call): Promise<readonly string[]> {
    const serving = (await this.agentPods(call)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const script = "process.stdout.write(require('node:crypto').createHash('sha256').update(require('node:fs').readFileSync('/etc/sluice/bundle/agent.json')).digest('hex'))";
    return Promise.all(serving.map((pod) => this.kubectl(['-n', namespace, 'exec', pod.metadata.name, '-c', 'agent', '--', 'node', '-e', script], call)));
  }

  /** SHA-256 of the configuration that a revision's ConfigMap holds. */
  async storedDigest(revision: string, call: Call): Promise<string> {
    const configMap = await this.#client.get(configMaps, { namespace, name: `${agentName}-${revision}` }, call);
    return createHash('sha256').update(configMap.data?.['agent.json'] ?? '').digest('hex');
  }
}

import type { AgentDeployment, EvalSuite, ModelProvider } from '@sluice/crds';
import type { Applied, Secret } from '@sluice/kube';
import { policyNameOf } from '../children/index.ts';
import { renderRevision } from '../revision/index.ts';

const apiVersion = 'sluice.dev/v1alpha1';

/** What no object but the Secret itself may hold. */
export const secretValue = 'sk-integration-5f0c1e7a93';
export const providerName = 'simulator';
export const suiteName = 'golden';

type Rollout = NonNullable<AgentDeployment['spec']['rollout']>;

/** What the stories vary of an agent; the rest is the same for all. */
export interface AgentSketch {
  readonly name?: string;
  /** See behaviour.ts for what it may say in brackets. */
  readonly prompt?: string;
  /** Name of the ConfigMap with the prompt, in place of `prompt`. */
  readonly promptFrom?: string;
  readonly replicas?: number;
  readonly autoscaling?: NonNullable<AgentDeployment['spec']['autoscaling']>;
  readonly steps?: Rollout['steps'];
  /** Whether the steps are judged, too. Default 'success'. */
  readonly objectives?: 'success' | 'none';
  /** What they are counted from. Default: the pods. */
  readonly source?: NonNullable<Rollout['gates']>['source'];
  readonly evals?: 'golden' | 'none';
  readonly historyLimit?: number;
  readonly route?: AgentDeployment['spec']['route'];
  readonly stickiness?: Rollout['stickiness'];
  readonly approval?: Rollout['approval'];
  readonly freezes?: Rollout['freezes'];
  readonly suspend?: boolean;
  readonly dependsOn?: Rollout['dependsOn'];
  readonly network?: AgentDeployment['spec']['network'];
  readonly adopt?: AgentDeployment['spec']['adopt'];
}

export const promptKey = 'prompt.md';

export function agent(sketch: AgentSketch): Applied<AgentDeployment> {
  const { name = 'support', prompt, promptFrom, replicas = 2, autoscaling, steps, objectives = 'success', source, evals = 'none', historyLimit, route, stickiness, approval, freezes, suspend, dependsOn, network, adopt } = sketch;
  return {
    apiVersion,
    kind: 'AgentDeployment',
    metadata: { name },
    spec: {
      agent: {
        image: 'agent:it',
        model: { providerRef: { name: providerName }, name: 'sim-1' },
        // Requests end at once here, so that nothing is waited for after a change of the weight.
        limits: { requestTimeout: '1s' },
        prompt: promptFrom === undefined ? { inline: prompt ?? 'You answer questions about orders.' } : { configMapKeyRef: { name: promptFrom, key: promptKey } },
      },
      ...(autoscaling === undefined ? { replicas } : { autoscaling }),
      ...(route === undefined ? {} : { route }),
      rollout: {
        ...(steps === undefined ? {} : { steps }),
        gates: {
          ...(evals === 'none' ? {} : { evals: [{ suiteRef: { name: suiteName }, minPassPercent: 100 }] }),
          ...(steps === undefined || objectives === 'none' ? {} : { objectives: [{ name: 'success', successRate: { minPercent: 95 } }], interval: '3s', minDuration: '0s' }),
          ...(source === undefined ? {} : { source }),
        },
        ...(historyLimit === undefined ? {} : { historyLimit }),
        ...(stickiness === undefined ? {} : { stickiness }),
        ...(approval === undefined ? {} : { approval }),
        ...(freezes === undefined ? {} : { freezes }),
        ...(dependsOn === undefined ? {} : { dependsOn }),
      },
      ...(suspend === undefined ? {} : { suspend }),
      ...(network === undefined ? {} : { network }),
      ...(adopt === undefined ? {} : { adopt }),
    },
  };
}

export const provider: Applied<ModelProvider> = {
  apiVersion,
  kind: 'ModelProvider',
  metadata: { name: providerName },
  spec: { kind: 'OpenAI', endpoint: 'http://simulator.example.com:8000/v1', apiKeySecretRef: { name: 'provider-key', key: 'api-key' } },
};

export const providerKey: Applied<Secret> = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'provider-key' },
  data: { 'api-key': Buffer.from(secretValue).toString('base64') },
};

export const suite: Applied<EvalSuite> = {
  apiVersion,
  kind: 'EvalSuite',
  metadata: { name: suiteName },
  spec: {
    cases: [
      { name: 'refund-window', input: { text: 'How long may I return it?' }, expect: { contains: ['30 days'] }, hard: true },
      { name: 'greeting', input: { text: 'Hello' }, expect: { contains: ['hello'] }, hard: false },
    ],
    concurrency: 2,
    caseTimeout: '5s',
  },
};

export function promptConfigMap(name: string, text: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { [promptKey]: text } };
}

/** Name of the NetworkPolicy of every "support": its rules follow from the provider alone, as long as nothing is said of tools and network. */
export const supportPolicy = policyNameOf(renderRevision({
  agent: { ...agent({ prompt: 'any' }), metadata: { name: 'support', namespace: 'any' } } as AgentDeployment, provider: provider as ModelProvider, promptText: 'any',
}));

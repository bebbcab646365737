import type { AgentBundle, AgentDeployment, ModelProvider } from '@sluice/crds';
import { bundleFileName } from '@sluice/crds';
import type { Container, EnvVar, Probe, VolumeMount } from '@sluice/kube';
import { preStopSeconds } from './drain.ts';
import { otherKeyMount, withKeys } from './other-provider-keys.ts';
import {
  agentContainerName, bundleMountPath, bundleVolumeName, httpPort, httpPortName, mirrorPort, mirrorPortName, otherKeysMountPath, providerKeyFile, providerKeyMountPath, providerKeyVolumeName, scratchMountPath, scratchVolumeName,
} from './pod-names.ts';
import { specParts } from './spec-mounts.ts';

/** What a pod template is rendered from. */
export interface TemplateInput {
  readonly agent: AgentDeployment;
  readonly provider: ModelProvider;
  /** Those that stand in for it; not set: none is named. */
  readonly otherProviders?: readonly ModelProvider[] | undefined;
  readonly bundle: AgentBundle;
  readonly image: string;
  /** The name that pods, labels and the ConfigMap volume carry. */
  readonly revision: string;
}

/** The container of the agent before the user's template is merged in; `drainSeconds` as stopTimes() says. */
export function agentContainer(input: TemplateInput, drainSeconds: number): Container {
  const { imagePullPolicy } = input.agent.spec.agent;
  return {
    name: agentContainerName,
    image: input.image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    args: [input.agent.spec.mode === 'Worker' ? 'worker' : 'serve'],
    ports: [
      { name: httpPortName, containerPort: httpPort, protocol: 'TCP' },
      { name: mirrorPortName, containerPort: mirrorPort, protocol: 'TCP' },
    ],
    env: environment(input, drainSeconds),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    volumeMounts: mounts(input),
    ...probes(),
    // The last words of a container that cannot start reach the AgentDeployment's status.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
    securityContext: {
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function environment({ agent, provider, otherProviders = [], revision }: TemplateInput, drainSeconds: number): EnvVar[] {
  const key = provider.spec.apiKeySecretRef === undefined ? [] : [{ name: 'SLUICE_PROVIDER_API_KEY_FILE', value: `${providerKeyMountPath}/${providerKeyFile}` }];
  return [
    { name: 'SLUICE_BUNDLE_FILE', value: `${bundleMountPath}/${bundleFileName}` },
    { name: 'SLUICE_REVISION', value: revision },
    ...key,
    ...(withKeys(otherProviders).length === 0 ? [] : [{ name: 'SLUICE_PROVIDER_KEYS_DIR', value: otherKeysMountPath }]),
    { name: 'SLUICE_DRAIN_TIMEOUT', value: `${drainSeconds}s` },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ...specParts(agent.spec).env,
  ];
}

function mounts({ agent, provider, otherProviders = [] }: TemplateInput): VolumeMount[] {
  const key: VolumeMount[] = provider.spec.apiKeySecretRef === undefined ? [] : [{ name: providerKeyVolumeName, mountPath: providerKeyMountPath, readOnly: true }];
  return [{ name: bundleVolumeName, mountPath: bundleMountPath, readOnly: true }, ...key, ...withKeys(otherProviders).map(otherKeyMount), ...specParts(agent.spec).mounts, { name: scratchVolumeName, mountPath: scratchMountPath }];
}

function probes(): { startupProbe: Probe; livenessProbe: Probe; readinessProbe: Probe } {
  const alive = { path: '/healthz', port: httpPortName };
  return {
    // Two minutes to start; asked every second, so that a fast start is seen at once.
    startupProbe: { httpGet: alive, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120 },
    // A minute without an answer is a hang; a restart loses the running requests, so it comes late.
    livenessProbe: { httpGet: alive, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    // One lost probe does not take a pod out of the Service; three in a row do.
    readinessProbe: { httpGet: { path: '/readyz', port: httpPortName }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 },
  };
}

import { bundleFileName } from '@sluice/crds';
import type { PodSpec, PodTemplateSpec, Volume } from '@sluice/kube';
import { revisionLabels, revisionSelector } from '../children/labels.ts';
import { agentObjectName, revisionObjectName } from '../children/names.ts';
import { agentContainer, type TemplateInput } from './agent-container.ts';
import { withoutApiDefaults } from './api-defaults.ts';
import { stopTimes, stopTimesWithin } from './drain.ts';
import { otherKeyVolume, withKeys } from './other-provider-keys.ts';
import { agentUserId, bundleVolumeName, providerKeyFile, providerKeyVolumeName, scratchVolumeName } from './pod-names.ts';
import { specParts } from './spec-mounts.ts';
import { mergePodTemplate } from './template-merge.ts';
import { parseUserTemplate, type UserTemplate } from './user-template.ts';

/**
 * The pods of a revision: the operator's template with `spec.template` merged in, and in normal form, so that two ways of writing
 * the same pods give the same bytes. Throws RevisionError (InvalidSpec) that names the field of `spec.template` at fault.
 */
export function renderPodTemplate(input: TemplateInput): PodTemplateSpec {
  const user = parseUserTemplate(input.agent.spec.template);
  return withoutApiDefaults(mergePodTemplate(operatorTemplate(input, user), user));
}

function operatorTemplate(input: TemplateInput, user: UserTemplate): PodTemplateSpec {
  const grace = user.podFields['terminationGracePeriodSeconds'];
  const { graceSeconds, drainSeconds } = grace === undefined ? stopTimes(input.bundle.limits.requestTimeoutMs) : stopTimesWithin(grace);
  const name = input.agent.metadata.name;
  return {
    metadata: { labels: revisionLabels(name, input.revision) },
    spec: {
      ...podDefaults(name, input.revision),
      terminationGracePeriodSeconds: graceSeconds,
      containers: [agentContainer(input, drainSeconds)],
      volumes: volumes(revisionObjectName(name, input.revision), input),
    },
  };
}

function podDefaults(agent: string, revision: string): Omit<PodSpec, 'containers'> {
  return {
    serviceAccountName: agentObjectName(agent),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: agentUserId,
      runAsGroup: agentUserId,
      fsGroup: agentUserId, // makes the 0440 files of the Secret readable for the agent
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: revisionSelector(agent, revision) } },
    ],
  };
}

function volumes(configMapName: string, { agent, provider, otherProviders = [] }: TemplateInput): Volume[] {
  const key = provider.spec.apiKeySecretRef;
  // Optional: a missing Secret would leave the pod in ContainerCreating with no word in its status; so the container starts and says what is missing.
  const keyVolume = key && { name: providerKeyVolumeName, secret: { secretName: key.name, items: [{ key: key.key, path: providerKeyFile }], defaultMode: 0o440, optional: true } };
  return [
    { name: bundleVolumeName, configMap: { name: configMapName, items: [{ key: bundleFileName, path: bundleFileName }] } },
    ...(keyVolume === undefined ? [] : [keyVolume]),
    ...withKeys(otherProviders).map(otherKeyVolume),
    ...specParts(agent.spec).volumes,
    { name: scratchVolumeName, emptyDir: {} },
  ];
}

import type { AgentDeploymentSpec } from '@sluice/crds';
import type { HorizontalPodAutoscaler, OwnerReference } from '@sluice/kube';
import { agentContainerName } from '../revision/pod-names.ts';
import type { RevisionRecord } from '../revision/record.ts';
import { revisionLabels } from './labels.ts';
import { revisionObjectName } from './names.ts';

export type AutoscalingBounds = NonNullable<AgentDeploymentSpec['autoscaling']>;

/** The autoscaler of one revision. The bounds come from the spec of today, or from the release machine while traffic moves. */
export function revisionAutoscaler({ agent, namespace, revision }: Pick<RevisionRecord, 'agent' | 'namespace' | 'revision'>, bounds: AutoscalingBounds, owner: OwnerReference): HorizontalPodAutoscaler {
  const name = revisionObjectName(agent, revision);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace, labels: revisionLabels(agent, revision), ownerReferences: [owner] },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: bounds.minReplicas,
      maxReplicas: bounds.maxReplicas,
      metrics: [cpuOfAgent(bounds.targetCPUUtilizationPercent)],
      behavior: behaviour(),
    },
  };
}

/** Of the agent's container alone: a sidecar without a CPU request would leave the autoscaler without a measurement. */
function cpuOfAgent(averageUtilization: number): Record<string, unknown> {
  return { type: 'ContainerResource', containerResource: { name: 'cpu', container: agentContainerName, target: { type: 'Utilization', averageUtilization } } };
}

/** Up at once, by as many again or four pods every 15 s; down only after five quiet minutes, by a tenth or one pod a minute. */
function behaviour(): Record<string, unknown> {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }],
    },
    scaleDown: {
      stabilizationWindowSeconds: 300,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }, { type: 'Pods', value: 1, periodSeconds: 60 }],
    },
  };
}

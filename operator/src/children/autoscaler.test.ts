import { describe, expect, it } from 'vitest';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { revisionAutoscaler } from './autoscaler.ts';
import { revisionDeployment } from './deployment.ts';
import { revisionLabels } from './labels.ts';

const record = sampleRecord();
const autoscaler = revisionAutoscaler(record, { minReplicas: 2, maxReplicas: 9, targetCPUUtilizationPercent: 60 }, sampleOwner);

describe('revisionAutoscaler', () => {
  it('is exactly this', () => {
    expect(autoscaler).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: `support-${record.revision}`, namespace: 'shop', labels: revisionLabels('support', record.revision), ownerReferences: [sampleOwner] },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `support-${record.revision}` },
        minReplicas: 2,
        maxReplicas: 9,
        metrics: [{ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'agent', target: { type: 'Utilization', averageUtilization: 60 } } }],
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
          scaleDown: { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }, { type: 'Pods', value: 1, periodSeconds: 60 }] },
        },
      },
    });
  });

  it('scales the Deployment of its revision, whose agent requests CPU', () => {
    expect(autoscaler.spec.scaleTargetRef.name).toBe(revisionDeployment(record, sampleOwner).metadata.name);
    expect(record.podTemplate.spec.containers.find(({ name }) => name === 'agent')?.resources?.requests).toHaveProperty('cpu');
  });
});

import { deployments, horizontalPodAutoscalers } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { releases } from '../../resources.ts';
import { Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

const steps = [{ weight: 50, duration: '1s' }];
const byMemory = { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 1 } } };
const bounds = (maxReplicas: number) => ({ minReplicas: 2, maxReplicas, targetCPUUtilizationPercent: 70 });

export function autoscaled(stage: Stage): void {
  describe.concurrent('an autoscaled agent', () => {
    it('has its pods counted by an HPA, which follows the revision that serves', async () => {
      const scene = await Scene.open(stage.cluster(), 'hpa');
      await scene.applyAgent({ prompt: 'one', autoscaling: bounds(4), steps });
      const first = stableOf(await scene.untilHealthy());
      const autoscaler = await until('the HPA is there', () => scene.find(horizontalPodAutoscalers, `support-${first}`), (found) => found !== undefined);
      expect(autoscaler?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: 'Deployment', name: `support-${first}` } });

      await scene.admin.mergePatch(horizontalPodAutoscalers, { namespace: scene.namespace, name: `support-${first}` }, { spec: { metrics: [...(autoscaler?.spec.metrics ?? []), byMemory] } }, call);
      await until('a metric that somebody added is gone', () => scene.get(horizontalPodAutoscalers, `support-${first}`), ({ spec }) => spec.metrics?.length === 1);

      // What the HPA would do under load.
      await scene.admin.mergePatch(deployments, { namespace: scene.namespace, name: `support-${first}` }, { spec: { replicas: 3 } }, call);
      await scene.untilAgent('the third pod serves', ({ stable }) => stable?.readyReplicas === 3);
      await scene.applyAgent({ prompt: 'one', autoscaling: bounds(5), steps });
      await until('the bounds follow the spec', () => scene.get(horizontalPodAutoscalers, `support-${first}`), ({ spec }) => spec.maxReplicas === 5);
      expect((await scene.list(releases)).length, 'bounds are no part of a revision').toBe(1);
      await scene.untilDeployments({ [first]: 3 });

      await scene.applyAgent({ prompt: 'two', autoscaling: bounds(5), steps });
      await scene.untilPhase('support-2', 'Promoted');
      const second = stableOf(await scene.untilHealthy());
      await scene.untilDeployments({ [second]: 3 });
      await until('only the serving revision has an HPA', () => scene.list(horizontalPodAutoscalers), (found) => found.map(({ metadata }) => metadata.name).join() === `support-${second}`);
    });
  });
}

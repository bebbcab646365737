import type { AgentDeployment } from '@sluice/crds';
import {
  configMaps, deployments, horizontalPodAutoscalers, jobs, type KubeObject, networkPolicies, podDisruptionBudgets, type ResourceType, serviceAccounts, services,
} from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { evalRunName } from '../../evaluation/index.ts';
import { evalRuns, modelProviders, releases } from '../../resources.ts';
import { renderRevision } from '../../revision/index.ts';
import { agent, provider, supportPolicy } from '../manifests.ts';
import { Scene, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

const apiVersion = 'sluice.dev/v1alpha1';
const pod = { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'other', image: 'other:1' }], restartPolicy: 'Never' as const } };
const firstRun = evalRunName({ release: 'support-1', suite: 'golden' });
const selector = { matchLabels: { app: 'other' } };

/** An object of somebody else under each name that an agent needs; `R` stands for the revision. */
const foreign = [
  { type: services, name: 'support', body: { apiVersion: 'v1', spec: { ports: [{ port: 5432 }], selector: { app: 'other' } } } },
  { type: serviceAccounts, name: 'support', body: { apiVersion: 'v1' } },
  { type: podDisruptionBudgets, name: 'support', body: { apiVersion: 'policy/v1', spec: { minAvailable: 1, selector } } },
  { type: configMaps, name: 'support-R', body: { apiVersion: 'v1', data: { mine: 'yes' } } },
  { type: releases, name: 'support-1', body: { apiVersion, spec: { agentName: 'other', revision: 'ffffffffff' } } },
  { type: evalRuns, name: firstRun, body: { apiVersion, spec: { agentName: 'other', revision: 'ffffffffff', release: 'other-1', suite: { name: 'golden', digest: 'f' }, minPassPercent: 1 } } },
  { type: networkPolicies, name: supportPolicy, body: { apiVersion: 'networking.k8s.io/v1', spec: { podSelector: selector } } },
  { type: deployments, name: 'support-R', body: { apiVersion: 'apps/v1', spec: { replicas: 0, selector, template: { ...pod, spec: { containers: pod.spec.containers } } } } },
  {
    type: horizontalPodAutoscalers,
    name: 'support-R',
    body: { apiVersion: 'autoscaling/v2', spec: { maxReplicas: 1, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } } },
  },
] as unknown as readonly { readonly type: ResourceType; readonly name: string; readonly body: Pick<KubeObject, 'apiVersion'> }[];

const sketch = { prompt: 'one', evals: 'golden' as const };
const autoscaling = { minReplicas: 1, maxReplicas: 2, targetCPUUtilizationPercent: 70 };

export function foreignObjects(stage: Stage): void {
  describe.concurrent('an object of somebody else under a name that the agent needs', () => {
    it.each(foreign)('stops it with NameTaken and stays as it is: $type.kind', async ({ type, name, body }) => {
      const scene = await Scene.open(stage.cluster(), 'foreign');
      const placed = name.replace('R', await revisionToCome(scene));
      const before = await scene.admin.create(type, { ...body, kind: type.kind, metadata: { name: placed, namespace: scene.namespace } }, call);
      await scene.applyAgent({ ...sketch, autoscaling });
      const { status } = await scene.untilAgent('the name is taken', ({ conditions }) => conditions?.some(({ reason }) => reason === 'NameTaken') === true);
      expect(status?.message).toContain(`${type.kind} "${placed}" exists and does not belong to this AgentDeployment: delete it, or give the AgentDeployment another name`);
      const after = await scene.get(type, placed);
      expect(after.metadata.uid).toBe(before.metadata.uid);
      expect(after.metadata.labels).toBe(before.metadata.labels);
      expect(after.metadata.ownerReferences).toBeUndefined();
      expect((after as { spec?: unknown }).spec).toEqual((before as { spec?: unknown }).spec);
      await scene.admin.delete(type, { namespace: scene.namespace, name: placed }, { propagationPolicy: 'Background' }, call);
      await scene.untilHealthy();
    });

    it('leaves an evaluation unmeasured: Job', async () => {
      const scene = await Scene.open(stage.cluster(), 'job');
      const metadata = { name: firstRun, namespace: scene.namespace };
      const before = await scene.admin.create(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { suspend: true, template: pod } }, call);
      await scene.applyAgent(sketch);
      const run = await until('the run ends', () => scene.find(evalRuns, firstRun), (found) => found?.status?.phase === 'NotMeasured');
      expect(run?.status?.message).toContain(`Job "${firstRun}" exists and does not belong to this run; delete it`);
      expect((await scene.get(jobs, firstRun)).metadata.uid).toBe(before.metadata.uid);
      expect(await scene.list(deployments)).toEqual([]);
    });
  });
}

/** The digest depends on names and contents alone, and the planned spec relies on no default of the schema. */
async function revisionToCome(scene: Scene): Promise<string> {
  const planned = agent({ ...sketch, autoscaling });
  const placed = { ...planned, metadata: { ...planned.metadata, namespace: scene.namespace } } as AgentDeployment;
  return renderRevision({ agent: placed, provider: await scene.get(modelProviders, provider.metadata.name), promptText: sketch.prompt }).revision;
}

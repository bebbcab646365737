import type { KubeObject, ResourceType } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { Scene, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

interface ResourceQuota extends KubeObject {
  readonly spec: { readonly hard: Readonly<Record<string, string>> };
  readonly status?: { readonly hard?: Readonly<Record<string, string>> };
}

const resourceQuotas: ResourceType<ResourceQuota> = { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', scope: 'Namespaced' };

export function refusedWrites(stage: Stage): void {
  describe.concurrent('an API server that refuses what the operator writes', () => {
    it('is quoted in status and as an event; what serves goes on serving, and the release goes on when the quota is raised', async () => {
      const scene = await Scene.open(stage.cluster(), 'quota');
      await scene.applyAgent({ prompt: 'one' });
      const first = await scene.untilHealthy();
      const metadata = { name: 'few', namespace: scene.namespace };
      await scene.admin.create(resourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { 'count/deployments.apps': '1' } } }, call);
      await until('the quota is in force', () => scene.get(resourceQuotas, 'few'), ({ status }) => status?.hard !== undefined);
      await scene.applyAgent({ prompt: 'two' });
      const { status } = await scene.untilAgent('the refusal is told', ({ conditions }) => conditions?.some(({ type, reason }) => type === 'Stalled' && reason === 'WriteRefused') === true);
      expect(status).toMatchObject({ phase: 'Degraded', stable: { revision: first.status?.stable?.revision, readyReplicas: first.status?.stable?.readyReplicas } });
      expect(status?.message).toContain('exceeded quota: few');
      await scene.admin.delete(resourceQuotas, metadata, { propagationPolicy: 'Background' }, call);
      const second = await scene.untilHealthy();
      expect(second.status?.stable?.revision).not.toBe(first.status?.stable?.revision);
      expect(second.status?.message).not.toContain('quota');
    });
  });
}

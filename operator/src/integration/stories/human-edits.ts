import { deployments, type KubeObject, networkPolicies, podDisruptionBudgets, type ResourceType, serviceAccounts, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { releases } from '../../resources.ts';
import { Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

/** Kinds that exist once an agent serves; `name` may need its revision. */
const children: readonly { readonly type: ResourceType; readonly name: (revision: string) => string }[] = [
  { type: services, name: () => 'support' },
  { type: serviceAccounts, name: () => 'support' },
  { type: podDisruptionBudgets, name: () => 'support' },
  { type: networkPolicies, name: (revision) => `support-${revision}` },
  { type: deployments, name: (revision) => `support-${revision}` },
];

export function humanEdits(stage: Stage): void {
  describe.concurrent('a hand on a child', () => {
    it('is undone: what the operator wrote is put back, and no release begins', async () => {
      const scene = await Scene.open(stage.cluster(), 'edits');
      await scene.applyAgent({ prompt: 'one' });
      const revision = stableOf(await scene.untilHealthy());
      await expectPutBack(scene, services, 'support', { spec: { selector: { 'sluice.dev/agent': 'other' } } });
      await expectPutBack(scene, serviceAccounts, 'support', { automountServiceAccountToken: true });
      await expectPutBack(scene, podDisruptionBudgets, 'support', { spec: { maxUnavailable: 2 } });
      await expectPutBack(scene, networkPolicies, `support-${revision}`, { spec: { ingress: [] } });
      await expectPutBack(scene, deployments, `support-${revision}`, { spec: { replicas: 5, template: { spec: { serviceAccountName: 'default' } } } });
      await scene.untilDeployments({ [revision]: 2 });
      expect((await scene.list(releases)).length).toBe(1);
    });

    it('that takes the labels off is undone: the child is not lost from sight', async () => {
      const scene = await Scene.open(stage.cluster(), 'labels');
      await scene.applyAgent({ prompt: 'one' });
      const revision = stableOf(await scene.untilHealthy());
      const bare = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } };
      for (const { type, name } of children) await scene.admin.mergePatch(type, { namespace: scene.namespace, name: name(revision) }, bare, call);
      for (const { type, name } of children) {
        await until(`the labels of ${type.kind} are back`, () => scene.get(type, name(revision)), (found) => found.metadata.labels?.['app.kubernetes.io/managed-by'] === 'sluice');
      }
      await scene.untilHealthy();
    });

    it('that deletes it is undone', async () => {
      const scene = await Scene.open(stage.cluster(), 'gone');
      await scene.applyAgent({ prompt: 'one' });
      const revision = stableOf(await scene.untilHealthy());
      for (const { type, name } of children) {
        const before = await scene.get(type, name(revision));
        await scene.admin.delete(type, { namespace: scene.namespace, name: name(revision) }, { propagationPolicy: 'Background' }, call);
        await until(`${type.kind} is back`, () => scene.find(type, name(revision)), (found) => found !== undefined && found.metadata.uid !== before.metadata.uid);
      }
      await scene.untilDeployments({ [revision]: 2 });
    });
  });
}

async function expectPutBack<T extends KubeObject>(scene: Scene, type: ResourceType<T>, name: string, patch: object): Promise<void> {
  const key = { namespace: scene.namespace, name };
  const before = await scene.get(type, name);
  const edited = await scene.admin.mergePatch(type, key, patch as never, call);
  expect(content(edited), `the edit of the ${type.kind} took`).not.toBe(content(before));
  await until(`${type.kind} is as before`, () => scene.get(type, name), (found) => content(found) === content(before));
}

/** All that the edits change; sorted by key as the API server returns it. */
function content(object: KubeObject): string {
  const { apiVersion: _version, kind: _kind, metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown };
  return JSON.stringify({ labels: metadata.labels, ...rest });
}

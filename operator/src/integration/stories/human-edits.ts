import { deployments, type KubeObject, networkPolicies, podDisruptionBudgets, type ResourceType, serviceAccounts, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { evalRunName } from '../../evaluation/index.ts';
import { evalRuns, releases } from '../../resources.ts';
import { supportPolicy } from '../manifests.ts';
import { Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

/** Kinds that exist once an agent serves; `name` may need its revision. */
const children: readonly { readonly type: ResourceType; readonly name: (revision: string) => string }[] = [
  { type: services, name: () => 'support' },
  { type: serviceAccounts, name: () => 'support' },
  { type: podDisruptionBudgets, name: () => 'support' },
  { type: networkPolicies, name: () => supportPolicy },
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
      await expectPutBack(scene, networkPolicies, supportPolicy, { spec: { ingress: [] } });
      await expectPutBack(scene, deployments, `support-${revision}`, { spec: { replicas: 5, template: { spec: { serviceAccountName: 'default' } } } });
      await scene.untilDeployments({ [revision]: 2 });
      expect((await scene.list(releases)).length).toBe(1);
    });

    it('that adds what nobody planned is undone as well', async () => {
      const scene = await Scene.open(stage.cluster(), 'strays');
      await scene.applyAgent({ prompt: 'one' });
      const revision = `support-${stableOf(await scene.untilHealthy())}`;
      await expectPutBack(scene, services, 'support', { spec: { selector: { pool: 'none' }, publishNotReadyAddresses: true, sessionAffinity: 'ClientIP' } });
      await expectPutBack(scene, podDisruptionBudgets, 'support', { spec: { maxUnavailable: null, minAvailable: 2 } });
      await expectPutBack(scene, podDisruptionBudgets, 'support', { spec: { selector: { matchLabels: { pool: 'none' } } } });
      await expectPutBack(scene, networkPolicies, supportPolicy, { spec: { podSelector: { matchLabels: { pool: 'none' } } } });
      await expectPutBack(scene, networkPolicies, supportPolicy, { spec: { egress: [{}] } });
      await expectPutBack(scene, deployments, revision, { spec: { paused: true, template: { metadata: { labels: { pool: 'x' } }, spec: { hostNetwork: true } } } });
      const { spec } = (await scene.get(deployments, revision)).spec.template;
      await expectPutBack(scene, deployments, revision, { spec: { template: { spec: { containers: spec.containers.map((container) => ({ ...container, command: ['sleep', '1d'] })) } } } });
      await scene.untilDeployments({ [revision.slice('support-'.length)]: 2 });
    });

    it('that opens what an evaluation may reach, or who may reach it, is undone while it is under way', async () => {
      const scene = await Scene.open(stage.cluster(), 'boundary');
      const run = evalRunName({ release: 'support-1', suite: 'golden' });
      await scene.applyAgent({ prompt: 'one [eval:waiting]', evals: 'golden' });
      await until('the run waits for its pod', () => scene.find(evalRuns, run), (found) => found?.status?.message?.includes('waits for its pod') ?? false);
      await expectPutBack(scene, networkPolicies, run, { spec: { egress: [{}] } });
      await expectPutBack(scene, networkPolicies, run, { spec: { ingress: [{}] } });
      await expectPutBack(scene, networkPolicies, run, { spec: { podSelector: { matchLabels: { pool: 'none' } } } });
      await expectPutBack(scene, networkPolicies, run, { metadata: { labels: { 'app.kubernetes.io/component': 'other' } } });
      expect((await scene.get(evalRuns, run)).status?.phase).toBe('Pending');
    });

    it('on what the operator has no opinion about stays, and nothing is written where nothing has to change', async () => {
      const scene = await Scene.open(stage.cluster(), 'quiet');
      await scene.applyAgent({ prompt: 'one' });
      const revision = stableOf(await scene.untilHealthy());
      await scene.untilDeployments({ [revision]: 2 });
      const note = { metadata: { annotations: { 'example.com/note': 'mine' } } };
      // A Service that is back says that its agent was reconciled after the notes were made.
      await expectServiceBack(scene);
      const before = writesOf(scene, stage).length;
      for (const { type, name } of children.filter((child) => child.type !== (services as ResourceType))) await scene.admin.mergePatch(type, { namespace: scene.namespace, name: name(revision) }, note, call);
      for (let round = 0; round < 3; round += 1) await expectServiceBack(scene);
      expect(writesOf(scene, stage).slice(before)).toEqual(['create services', 'create services', 'create services']);
      expect((await scene.get(deployments, `support-${revision}`)).metadata.annotations).toMatchObject(note.metadata.annotations);
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

async function expectServiceBack(scene: Scene): Promise<void> {
  const before = await scene.get(services, 'support');
  await scene.admin.delete(services, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
  await until('the Service is back', () => scene.find(services, 'support'), (found) => found !== undefined && found.metadata.uid !== before.metadata.uid);
}

/** Events are news and not state. */
function writesOf(scene: Scene, stage: Stage): string[] {
  const reads = ['get', 'list', 'watch'];
  return scene.requestsOf(stage.operator()).filter(({ verb, resource }) => !reads.includes(verb) && resource !== 'events').map(({ verb, resource }) => `${verb} ${resource}`);
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

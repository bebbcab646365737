import type { AgentDeployment } from '@sluice/crds';
import { type Applied, configMaps, deployments, type Pod, pods, type Secret, secrets, services, systemClock } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, releases } from '../../resources.ts';
import { agent, type AgentSketch, providerKey } from '../manifests.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

const steps = [{ weight: 50, duration: '1s' }];
/** Too long for a test to end by itself. */
const longStep = [{ weight: 50, duration: '10m' }];
type OnSecretChange = NonNullable<NonNullable<AgentDeployment['spec']['rollout']>['onSecretChange']>;

export function references(stage: Stage): void {
  describe.concurrent('what the pods refer to', () => {
    it('is released when it changes, and a rollback brings the old content back', async () => {
      const scene = await Scene.open(stage.cluster(), 'settings');
      await applySettings(scene, 'one', 'AAAA');
      await applyAgent(scene, { prompt: 'fine', steps });
      const first = stableOf(await scene.untilHealthy());
      expect(await contentOfPods(scene, first)).toEqual(['one AAAA', 'one AAAA']);
      await applySettings(scene, 'two', 'AAAA');
      await scene.untilPhase('support-2', 'Promoted');
      const second = stableOf(await scene.untilHealthy());
      expect(second).not.toBe(first);
      await scene.untilDeployments({ [second]: 2 });
      expect(await contentOfPods(scene, second)).toEqual(['two AAAA', 'two AAAA']);
      await applySettings(scene, 'two', 'BBBB');
      await applyAgent(scene, { prompt: 'worse [live:failing]', steps });
      await scene.untilAgent('the worse one is rolled back', ({ phase, release }) => phase === 'Degraded' && release?.phase === 'RolledBack');
      await scene.untilDeployments({ [second]: 2 });
      await expectOldContent(scene, second);
      await applySettings(scene, 'two', 'AAAA');
      await applyAgent(scene, { prompt: 'fine', steps });
      expect(stableOf(await scene.untilHealthy()), 'the same content is the same revision').toBe(second);
    });

    it('is missed with a sentence, and the release goes on when it is there', async () => {
      const scene = await Scene.open(stage.cluster(), 'missed');
      await applyAgent(scene, {});
      const { status } = await scene.untilAgent('the ConfigMap is missed', ({ phase }) => phase === 'Pending');
      expect(status?.message).toContain('spec.template.spec.containers[name=agent].envFrom[0].configMapRef names the ConfigMap "settings", which does not exist in this namespace: create it');
      expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'ReferenceNotFound' });
      await applySettings(scene, 'one', 'AAAA');
      await scene.untilHealthy();
    });

    it('holds the release that the spec turns away from while it is not there, which is promoted at no time', async () => {
      const scene = await Scene.open(stage.cluster(), 'turned');
      await applySettings(scene, 'one', 'AAAA');
      await applyAgent(scene, { prompt: 'fine', steps });
      const first = stableOf(await scene.untilHealthy());
      await applyAgent(scene, { prompt: 'second', steps: [{ weight: 50, duration: '5s' }] });
      await scene.untilRelease('support-2', 'is in its step', ({ stepStartedAt }) => stepStartedAt !== undefined);
      await scene.admin.delete(configMaps, { namespace: scene.namespace, name: 'settings' }, {}, call);
      await applyAgent(scene, { prompt: 'third', steps: [{ weight: 50, duration: '5s' }] });
      const held = await scene.untilRelease('support-2', 'is held', ({ phase, stop }) => phase === 'Held' && stop?.reason === 'SpecUnreadable');
      expect(held.status).toMatchObject({ weight: 50 });
      const { status } = await scene.untilAgent('it says what stands', ({ message = '' }) => message.includes('release support-2 stands until then'));
      expect(status).toMatchObject({ phase: 'Degraded', stable: { revision: first } });
      await applySettings(scene, 'one', 'AAAA');
      await scene.untilPhase('support-3', 'Promoted');
      expect(phasesOf(await scene.untilPhase('support-2', 'Superseded')).filter((phase) => phase.startsWith('Promot'))).toEqual([]);
    });

    it('is kept for as long as the revision may serve: what somebody deletes is put back', async () => {
      const scene = await Scene.open(stage.cluster(), 'kept');
      await applySettings(scene, 'one', 'AAAA');
      await applyAgent(scene, {});
      const revision = stableOf(await scene.untilHealthy());
      for (const name of [`support-${revision}-settings`, `support-${revision}`]) {
        const before = await scene.get(configMaps, name);
        await scene.admin.delete(configMaps, { namespace: scene.namespace, name }, {}, call);
        const after = await until(`${name} is back`, () => scene.find(configMaps, name), (found) => found !== undefined && found.metadata.uid !== before.metadata.uid);
        expect([after?.data, after?.binaryData, after?.immutable]).toEqual([before.data, before.binaryData, true]);
      }
      expect(await scene.list(releases)).toHaveLength(1);
    });
  });

  describe.concurrent('a Secret that the pods use', () => {
    it('is rotated: the pods restart in place, all of them, without a release; a label on it restarts nothing', async () => {
      const scene = await Scene.open(stage.cluster(), 'rotated');
      await applySettings(scene, 'one', 'AAAA');
      await applyAgent(scene, {});
      const revision = stableOf(await scene.untilHealthy());
      const before = await scene.get(deployments, `support-${revision}`);
      await label(scene, 'quiet');
      await expectReconciled(scene);
      expect((await scene.get(deployments, `support-${revision}`)).metadata.generation).toBe(before.metadata.generation);
      const old = new Set((await podsOf(scene, revision)).map(({ metadata }) => metadata.uid));
      await rotate(scene, 'second');
      await until('other pods serve', () => podsOf(scene, revision), (found) => found.length === 2 && found.every(({ metadata }) => !old.has(metadata.uid)));
      await scene.untilDeployments({ [revision]: 2 });
      const restarted = await scene.get(deployments, `support-${revision}`);
      expect(restarted.metadata.uid).toBe(before.metadata.uid);
      await label(scene, 'still-quiet');
      await expectReconciled(scene);
      expect((await scene.get(deployments, `support-${revision}`)).metadata.generation, 'one restart for one rotation').toBe(restarted.metadata.generation);
      expect(await scene.list(releases)).toHaveLength(1);
      await scene.untilHealthy();
    });

    it('starts a release where the user says so, and leaves the pods that serve alone', async () => {
      const scene = await Scene.open(stage.cluster(), 'released');
      await applySettings(scene, 'one', 'AAAA');
      await applyAgent(scene, { steps: longStep, prompt: 'fine' }, 'Release');
      const first = stableOf(await scene.untilHealthy());
      const old = (await podsOf(scene, first)).map(({ metadata }) => metadata.uid);
      await rotate(scene, 'second');
      const release = await scene.untilRelease('support-2', 'is in its step', ({ phase }) => phase === 'Shifting');
      expect(release.spec.revision).not.toBe(first);
      expect((await podsOf(scene, first)).map(({ metadata }) => metadata.uid).filter((uid) => !old.includes(uid)), 'no pod of the old revision is new').toEqual([]);
      expect(phasesOf(release)[0]).toBe('Preparing: ReleaseStarted');
    });

    it('is left to the pods where the user says so', async () => {
      const scene = await Scene.open(stage.cluster(), 'ignored');
      await applySettings(scene, 'one', 'AAAA');
      await applyAgent(scene, {}, 'Ignore');
      const revision = stableOf(await scene.untilHealthy());
      const before = await scene.get(deployments, `support-${revision}`);
      await rotate(scene, 'second');
      await expectReconciled(scene);
      expect((await scene.get(deployments, `support-${revision}`)).metadata.generation).toBe(before.metadata.generation);
      expect(await scene.list(releases)).toHaveLength(1);
    });
  });
}

/** An agent whose pods take variables and a file from the ConfigMap "settings". */
async function applyAgent(scene: Scene, sketch: AgentSketch, onSecretChange?: OnSecretChange): Promise<void> {
  const { spec, ...rest } = agent(sketch) as Applied<AgentDeployment> & { readonly spec: AgentDeployment['spec'] };
  const template = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }], volumeMounts: [{ name: 'files', mountPath: '/files' }] }], volumes: [{ name: 'files', configMap: { name: 'settings' } }] } };
  await scene.apply(agentDeployments, { ...rest, spec: { ...spec, template, rollout: { ...spec.rollout, ...(onSecretChange === undefined ? {} : { onSecretChange }) } } });
}

async function applySettings(scene: Scene, mode: string, file: string): Promise<void> {
  await scene.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { MODE: mode }, binaryData: { file } });
}

/** As a user does. The time of a write is told to the second, so it is another one than that of the write before. */
async function rotate(scene: Scene, value: string): Promise<void> {
  const times = ((await scene.get(secrets, 'provider-key')).metadata.managedFields ?? []).map((entry) => Date.parse((entry as { readonly time: string }).time));
  await until('another second has begun', async () => systemClock.now(), (now) => now >= Math.max(...times) + 1_100);
  // Corrected at once, in the same second mostly: by the metadata the second write looks like the first.
  for (const written of [`${value}, mistyped`, value]) {
    const rotated: Applied<Secret> = { ...providerKey, data: { 'api-key': Buffer.from(written).toString('base64') } };
    await scene.apply(secrets, rotated);
  }
}

async function label(scene: Scene, value: string): Promise<void> {
  await scene.kubectl('label', 'secret', 'provider-key', `note=${value}`, '--overwrite');
  await scene.kubectl('annotate', 'secret', 'provider-key', `example.com/note=${value}`, '--overwrite');
}

/** A Service that is back says that its agent was reconciled after what was done before. */
async function expectReconciled(scene: Scene): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const before = await scene.get(services, 'support');
    await scene.admin.delete(services, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
    await until('the Service is back', () => scene.find(services, 'support'), (found) => found !== undefined && found.metadata.uid !== before.metadata.uid);
  }
}

/** A pod that starts now has what was judged, though the ConfigMap has moved on. */
async function expectOldContent(scene: Scene, revision: string): Promise<void> {
  const [old] = await podsOf(scene, revision);
  await scene.admin.delete(pods, { namespace: scene.namespace, name: old?.metadata.name ?? '' }, {}, call);
  await until('another pod has started', () => podsOf(scene, revision), (found) => found.length === 2 && found.every(({ metadata }) => metadata.uid !== old?.metadata.uid));
  expect((await scene.get(configMaps, 'settings')).binaryData).toEqual({ file: 'BBBB' });
  expect(await contentOfPods(scene, revision)).toEqual(['two AAAA', 'two AAAA']);
}

async function podsOf(scene: Scene, revision: string): Promise<Pod[]> {
  const { items } = await scene.admin.list(pods, { namespace: scene.namespace, labelSelector: `sluice.dev/revision=${revision}` }, call);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** What each pod of a revision gets as variable and as file. */
async function contentOfPods(scene: Scene, revision: string): Promise<string[]> {
  const found = await podsOf(scene, revision);
  return Promise.all(found.map(async ({ spec }) => {
    const variables = spec.containers[0]?.envFrom?.[0]?.['configMapRef'] as { readonly name: string } | undefined;
    const files = spec.volumes?.find(({ name }) => name === 'files')?.['configMap'] as { readonly name: string } | undefined;
    return `${(await scene.get(configMaps, variables?.name ?? '')).data?.['MODE']} ${(await scene.get(configMaps, files?.name ?? '')).binaryData?.['file']}`;
  }));
}

import type { AgentDeployment } from '@sluice/crds';
import { configMaps, controllerOf, deployments, events, type KubeObject, networkPolicies, type ResourceType, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, evalRuns, modelProviders, releases } from '../../resources.ts';
import { leftovers } from '../leftovers.ts';
import { provider } from '../manifests.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';

/** Too long for a test to end by itself. */
const longStep = [{ weight: 50, duration: '10m' }];

export function changedMinds(stage: Stage): void {
  describe.concurrent('a spec', () => {
    it('that goes back to the stable revision in mid-release supersedes it, each time', async () => {
      const scene = await Scene.open(stage.cluster(), 'back');
      await scene.applyAgent({ prompt: 'one', steps: longStep, historyLimit: 1 });
      const stable = stableOf(await scene.untilHealthy());
      const second = await goAndReturn(scene, 'support-2');
      expect(phasesOf(second)).toEqual(['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'Superseded: SpecChanged']);
      await scene.untilDeployments({ [stable]: 2 });
      await goAndReturn(scene, 'support-3');
      await scene.untilDeployments({ [stable]: 2 });
      const { status } = await scene.untilHealthy();
      expect(stableOf({ status } as AgentDeployment)).toBe(stable);
      await until('the history is as long as the spec says', () => scene.list(releases), (found) => names(found) === 'support-1,support-3');
      await until('a repeated event is counted up', () => scene.list(events), (found) => found.some(({ reason, series }) => reason === 'ReleaseSuperseded' && (series?.count ?? 1) > 1));
    });

    it('that is promoted again and again leaves no more records than its history', async () => {
      const scene = await Scene.open(stage.cluster(), 'history');
      for (const prompt of ['one', 'two', 'three']) {
        await scene.applyAgent({ prompt, historyLimit: 1 });
        await scene.untilHealthy();
      }
      const { status } = await scene.agent();
      await until('old releases are gone, but for the one to go back to', () => scene.list(releases), (found) => names(found) === 'support-2,support-3');
      const before = (await scene.get(releases, 'support-2')).spec.revision;
      const records = async () => (await scene.list(configMaps)).filter(({ metadata }) => metadata.labels?.['sluice.dev/agent'] === 'support');
      await until('old records are gone', records, (found) => names(found) === [before, status?.stable?.revision].map((revision) => `support-${revision}`).toSorted().join(','));
    });

    it('without its provider is Pending with a sentence, and goes on when it appears', async () => {
      const scene = await Scene.open(stage.cluster(), 'provider', 'empty');
      await scene.applyAgent({});
      const { status } = await scene.untilAgent('the provider is missed', ({ phase }) => phase === 'Pending');
      expect(status?.message).toContain('spec.agent.model.providerRef.name: there is no ModelProvider "simulator" in this namespace; create it');
      expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'ProviderNotFound' });
      expect(await scene.list(releases)).toEqual([]);
      await scene.apply(modelProviders, provider);
      await scene.untilHealthy();
    });

    it('that is deleted in mid-release takes everything with it', async () => {
      const scene = await Scene.open(stage.cluster(), 'deleted');
      await scene.applyAgent({ prompt: 'one', steps: longStep, evals: 'golden' });
      await scene.untilHealthy();
      await scene.applyAgent({ prompt: 'two', steps: longStep, evals: 'golden' });
      await scene.untilRelease('support-2', 'is in its step', (found) => found.phase === 'Shifting' && found.stepStartedAt !== undefined);
      await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
      await until('nothing of it is left', () => leftovers(scene), (left) => left.length === 0);
      const untouched = await scene.find(modelProviders, provider.metadata.name);
      expect(untouched?.metadata.deletionTimestamp).toBeUndefined();
      expect(untouched).toBeDefined();
    });

    it('that is deleted and applied anew at once begins a history of its own', async () => {
      const scene = await Scene.open(stage.cluster(), 'anew');
      await scene.applyAgent({ prompt: 'one', evals: 'golden' });
      const former = await scene.untilHealthy();
      await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
      const agent = await until('the name is free', () => scene.applyAgent({ prompt: 'one', evals: 'golden' }), ({ metadata }) => metadata.uid !== former.metadata.uid);
      const { status } = await scene.untilHealthy();
      expect(status?.history?.map(({ release, verdict }) => [release, verdict])).toEqual([['support-1', 'Promoted']]);
      const found = await scene.list(releases);
      expect(found.map((release) => controllerOf(release)?.uid)).toEqual([agent.metadata.uid]);
      const owners = await Promise.all([services, deployments, configMaps, networkPolicies].map(async (type) => (await scene.list(type as ResourceType)).map((object) => controllerOf(object)?.uid)));
      expect(new Set(owners.flat().filter((uid) => uid === former.metadata.uid))).toEqual(new Set());
      expect((await scene.list(evalRuns)).map((run) => controllerOf(run)?.uid)).toEqual(found.map((release) => release.metadata.uid));
    });
  });
}

async function goAndReturn(scene: Scene, release: string) {
  await scene.applyAgent({ prompt: 'two', steps: longStep, historyLimit: 1 });
  await scene.untilRelease(release, 'is in its step', (found) => found.phase === 'Shifting' && found.stepStartedAt !== undefined);
  await scene.applyAgent({ prompt: 'one', steps: longStep, historyLimit: 1 });
  return scene.untilPhase(release, 'Superseded');
}

function names(objects: readonly KubeObject[]): string {
  return objects.map(({ metadata }) => metadata.name).toSorted().join();
}

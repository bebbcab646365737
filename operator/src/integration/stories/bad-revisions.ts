import { configMaps, deployments, events, jobs } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { evalRunName } from '../../evaluation/index.ts';
import { evalRuns, releases } from '../../resources.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';
import { until } from '../until.ts';

export function badRevisions(stage: Stage): void {
  describe.concurrent('a bad revision', () => {
    it('that fails its suite is stopped before any Deployment of it exists', async () => {
      const scene = await Scene.open(stage.cluster(), 'suite');
      const steps = [{ weight: 50, duration: '1s' }];
      await scene.applyAgent({ prompt: 'good', evals: 'golden', steps });
      const stable = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'bad [eval:failing]', evals: 'golden', steps });
      const { status } = await scene.untilAgent('the release is stopped', ({ phase }) => phase === 'Degraded');
      const release = await scene.get(releases, 'support-2');
      expect(phasesOf(release)).toEqual(['Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', 'RolledBack: EvaluationFailed']);
      expect(release.status?.message).toContain('suite "golden": 1 of 2 cases passed');
      expect((await scene.get(evalRuns, evalRunName({ release: 'support-2', suite: 'golden' }))).status?.phase).toBe('Failed');
      expect(status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason: 'EvaluationFailed' });
      expect(status?.conditions?.find(({ type }) => type === 'Available')).toMatchObject({ status: 'True' });
      expect(status?.stable).toMatchObject({ revision: stable, weight: 100, readyReplicas: 2 });
      expect(status?.canary).toBeUndefined();
      const made = scene.requestsOf(stage.operator()).filter(({ resource, verb }) => resource === 'deployments' && verb === 'create');
      expect(made.map(({ body }) => nameIn(body))).toEqual([`support-${stable}`]);
      await scene.untilDeployments({ [stable]: 2 });
    });

    it('that fails live is rolled back, and what served before serves again', async () => {
      const scene = await Scene.open(stage.cluster(), 'live');
      const steps = [{ weight: 75, duration: '1s' }];
      await scene.applyAgent({ prompt: 'good', replicas: 3, steps });
      const stable = stableOf(await scene.untilHealthy());
      const before = await scene.get(configMaps, `support-${stable}`);
      await scene.applyAgent({ prompt: 'slow [live:failing]', replicas: 3, steps });
      const shrunk = await until('the old revision gives up pods', () => scene.get(deployments, `support-${stable}`), ({ spec }) => spec.replicas === 1);
      const { status } = await scene.untilAgent('the release is rolled back', ({ phase, release }) => phase === 'Degraded' && release?.phase === 'RolledBack');
      const release = await scene.get(releases, 'support-2');
      expect(phasesOf(release)).toEqual(['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'RollingBack: ObjectiveFailed', 'RolledBack: ObjectiveFailed']);
      expect(release.status).toMatchObject({ weight: 0, objectives: [{ name: 'success', verdict: 'Fail' }] });
      expect(status?.message).toMatch(/^Revision [0-9a-f]{10} serves; the spec asks for revision [0-9a-f]{10}, which support-2 rolled back: the new revision is worse(, most of all)? in success\S*: [1-9]\d* bad of [1-9]\d* \(\d+(\.\d+)? %\) on the new revision .*; evidence (over )?\S+ where 20 decides/);
      const [old] = await scene.untilDeployments({ [stable]: 3 });
      expect(old?.metadata.uid).toBe(shrunk.metadata.uid);
      expect(await scene.get(configMaps, `support-${stable}`)).toEqual(before);
      const warned = (await scene.list(events)).filter(({ type, reportingController }) => type === 'Warning' && reportingController === 'sluice.dev/operator');
      // That nobody may ask is told of each agent without spec.access.
      expect(warned.map(({ reason }) => reason).filter((reason) => reason !== 'AnswersNobody')).toEqual(['ReleaseRollingBack']);
    });

    it('that cannot be measured waits: no pass, no Deployment, no Job left behind', async () => {
      const scene = await Scene.open(stage.cluster(), 'unmeasured');
      await scene.applyAgent({ prompt: 'any [eval:unstartable]', evals: 'golden' });
      const run = await until('the run ends', () => scene.find(evalRuns, evalRunName({ release: 'support-1', suite: 'golden' })), (found) => found?.status?.phase === 'NotMeasured');
      expect(run?.status?.message).toContain('container "agent" cannot start (InvalidImageName');
      await until('its Job is removed', () => scene.list(jobs), (found) => found.length === 0);
      const { status } = await scene.untilAgent('the release waits', (found) => found.message?.includes('InvalidImageName') === true);
      expect(status).toMatchObject({ phase: 'Progressing', release: { name: 'support-1', phase: 'Evaluating' } });
      expect(await scene.list(deployments)).toEqual([]);
    });
  });
}

function nameIn(body: string): string {
  return (JSON.parse(body) as { readonly metadata: { readonly name: string } }).metadata.name;
}

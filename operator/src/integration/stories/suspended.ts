import { deployments, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, evalRuns, releases } from '../../resources.ts';
import { isWrite } from '../api-request.ts';
import type { RecordedRequest } from '../recording-proxy.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';
import { longStep } from './phases.ts';

export function suspended(stage: Stage): void {
  describe.concurrent('a suspended agent', () => {
    it('is left alone in mid-release: edits stay until it is resumed, then all is put right and the release goes on where it stood', async () => {
      const scene = await Scene.open(stage.cluster(), 'suspended');
      await scene.applyAgent({ prompt: 'one' });
      const stable = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'two', steps: longStep });
      const before = await scene.untilRelease('support-2', 'is in its step', (status) => status.phase === 'Shifting' && status.stepStartedAt !== undefined);
      await scene.applyAgent({ prompt: 'two', steps: longStep, suspend: true });
      await scene.untilAgent('it is suspended', ({ phase }) => phase === 'Suspended');
      const writes = writesOf(scene, stage).length;
      await scene.admin.mergePatch(deployments, { namespace: scene.namespace, name: `support-${stable}` }, { spec: { replicas: 4 } }, call);
      await scene.admin.mergePatch(services, { namespace: scene.namespace, name: 'support' }, { spec: { selector: { 'sluice.dev/agent': 'other' } } }, call);
      const { status } = await until('its status counts the pods', () => scene.agent(), (found) => found.status?.stable?.readyReplicas === 4);
      expect(status).toMatchObject({ phase: 'Suspended', release: { name: 'support-2', phase: 'Shifting' } });
      expect(writesOf(scene, stage).slice(writes).map(inWords).filter((write) => write !== 'update agentdeployments/status')).toEqual([]);
      expect((await scene.get(services, 'support')).spec?.selector).toEqual({ 'sluice.dev/agent': 'other' });

      await scene.applyAgent({ prompt: 'two', steps: longStep, suspend: false });
      await until('the Service is put right', () => scene.get(services, 'support'), (found) => found.spec?.selector?.['sluice.dev/agent'] === 'support');
      const after = await scene.untilRelease('support-2', 'goes on', (found) => found.phase === 'Shifting' && (found.durations?.heldMilliseconds ?? 0) > 0);
      expect(phasesOf(after).slice(-2).map((line) => line.split(':')[0])).toEqual(['Held', 'Shifting']);
      expect(Date.parse(after.status?.stepStartedAt ?? '')).toBeGreaterThan(Date.parse(before.status?.stepStartedAt ?? ''));
      await scene.untilAgent('the pods are as planned', ({ stable: state }) => (state?.replicas ?? 9) <= 2);
    });

    it('begins no release and no evaluation, and does so when it is resumed', async () => {
      const scene = await Scene.open(stage.cluster(), 'asleep');
      await scene.applyAgent({ prompt: 'one', evals: 'golden', suspend: true });
      const { status } = await scene.untilAgent('it is suspended', ({ phase }) => phase === 'Suspended');
      expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
      expect([...(await scene.list(releases)), ...(await scene.list(evalRuns)), ...(await scene.list(services))]).toEqual([]);
      await scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name: 'support' }, { spec: { suspend: null } }, call);
      await scene.untilHealthy();
      expect((await scene.list(evalRuns)).length).toBe(1);
    });
  });
}

function writesOf(scene: Scene, stage: Stage): RecordedRequest[] {
  return scene.requestsOf(stage.operator()).filter((request) => isWrite(request) && request.resource !== 'events');
}

function inWords({ verb, resource }: RecordedRequest): string {
  return `${verb} ${resource}`;
}

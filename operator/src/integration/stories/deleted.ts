import { setTimeout as wait } from 'node:timers/promises';
import { pods } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, modelProviders } from '../../resources.ts';
import { leftovers } from '../leftovers.ts';
import { makeIdentity } from '../operator-identity.ts';
import { RunningOperator } from '../running-operator.ts';
import { Scene, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { until } from '../until.ts';
import { bringInto, longStep, standingPhases } from './phases.ts';

/** Long enough for an operator that makes things again to do so. Milliseconds. */
const quietMs = 2_000;

export function deleted(stage: Stage): void {
  describe.concurrent('an agent that is deleted', () => {
    it.each(standingPhases.flatMap((standing) => (['Background', 'Foreground'] as const).map((policy) => ({ ...standing, policy }))))(
      'while its release is $phase takes everything with it, and nothing is made again: $policy',
      async ({ policy, ...standing }) => {
        const scene = await Scene.open(stage.cluster(), 'deleted');
        await bringInto(scene, standing);
        await until('there are pods', () => scene.list(pods), (found) => found.length > 0);
        await expectAllGone(scene, policy);
      },
    );

    it('a moment after it was made takes everything with it, again and again', async () => {
      const scene = await Scene.open(stage.cluster(), 'deleted');
      for (const ms of [0, 20, 60, 150, 400]) {
        await scene.applyAgent({ prompt: 'one', evals: 'golden' });
        await wait(ms);
        await expectAllGone(scene, 'Background');
      }
    });

    it('in the middle of a rollback takes everything with it', async () => {
      const scene = await Scene.open(stage.cluster(), 'deleted');
      await scene.applyAgent({ prompt: 'one' });
      await scene.untilHealthy();
      await scene.applyAgent({ prompt: 'two [live:failing]', steps: longStep });
      const { status } = await scene.untilRelease('support-2', 'rolls back', ({ phase }) => phase === 'RollingBack' || phase === 'RolledBack');
      expect(status?.transitions?.map(({ phase }) => phase)).toContain('RollingBack');
      await expectAllGone(scene, 'Foreground');
    });

    it('while it is suspended takes everything with it', async () => {
      const scene = await Scene.open(stage.cluster(), 'deleted');
      await scene.applyAgent({ prompt: 'one' });
      await scene.untilHealthy();
      await scene.applyAgent({ prompt: 'two', suspend: true });
      await scene.untilAgent('it is suspended', ({ phase }) => phase === 'Suspended');
      await expectAllGone(scene, 'Background');
    });

    it.each(['Background', 'Foreground'] as const)('goes also when no operator runs: no finalizer waits for one: %s', async (policy) => {
      const scene = await Scene.open(stage.cluster(), 'unattended');
      const own = await makeIdentity(stage.cluster(), [scene.namespace]);
      const operator = await RunningOperator.start(stage.cluster(), own, 'operator-x');
      await scene.applyAgent({ prompt: 'one', evals: 'golden' });
      await scene.untilHealthy();
      await scene.applyAgent({ prompt: 'two', steps: longStep, evals: 'golden' });
      await scene.untilRelease('support-2', 'is in its step', (status) => status.phase === 'Shifting' && status.stepStartedAt !== undefined);
      await operator.kill();
      await expectAllGone(scene, policy);
    });
  });
}

async function expectAllGone(scene: Scene, propagationPolicy: 'Background' | 'Foreground'): Promise<void> {
  await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy }, call);
  await until('nothing of it is left', () => leftovers(scene), (left) => left.length === 0);
  await wait(quietMs);
  expect(await leftovers(scene)).toEqual([]);
  expect((await scene.list(modelProviders)).map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined]);
}

import { describe, expect, it } from 'vitest';
import { makeIdentity } from './operator-identity.ts';
import { playedCluster } from './played-cluster.ts';
import { RunningOperator } from './running-operator.ts';
import { Scene } from './scene.ts';

const cluster = playedCluster();

describe('an agent that has no release under way', { timeout: 240_000 }, () => {
  it('is told what the gates of its next one need, and told anew when its rollout is edited', async () => {
    const scene = await Scene.open(cluster(), 'forecast');
    const identity = await makeIdentity(cluster(), [scene.namespace]);
    const operator = await RunningOperator.start(cluster(), identity, 'operator-0');
    await scene.applyAgent({ prompt: 'first', steps: [{ weight: 25, duration: '1s' }] });
    await scene.untilHealthy();
    const first = await scene.untilAgent('the pods were read', ({ forecast }) => forecast !== undefined);
    expect(first.status?.forecast?.summary).toMatch(/^(about \d+ min|not known)$/);

    // Each look at the played pods finds more requests, so that the traffic is known at the latest now.
    await scene.applyAgent({ prompt: 'first', steps: [{ weight: 25, duration: '1s' }, { weight: 50, duration: '1s' }] });
    const told = await scene.untilAgent('the edited steps are forecast', ({ forecast }) => forecast?.steps?.length === 2);
    expect(told.status?.forecast).toMatchObject({ objectives: [{ name: 'success/bound', reachable: 'Yes' }], steps: [{ step: 1, reachable: 'Yes' }, { step: 2, reachable: 'Yes' }] });
    expect(told.status?.forecast?.message).toContain('a revision as good as the stable one takes: step 1 about');
    expect(told.status?.release?.name).toBe('support-1');

    await scene.applyAgent({ prompt: 'first', evals: 'golden' });
    const without = await scene.untilAgent('there is nothing to forecast', ({ forecast }) => forecast === undefined);
    expect(without.status?.release?.name).toBe('support-1');
    expect(await operator.stop()).toBe(0);
    await identity.remove();
  });
});

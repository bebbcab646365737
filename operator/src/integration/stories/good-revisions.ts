import { configMaps, deployments, events, horizontalPodAutoscalers, networkPolicies, podDisruptionBudgets, serviceAccounts, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { evalRunName } from '../../evaluation/index.ts';
import { graceMs } from '../../agent/revisions/policies.ts';
import { evalRuns, releases } from '../../resources.ts';
import { supportPolicy } from '../manifests.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';
import { patienceMs, until } from '../until.ts';

const steps = [{ weight: 25, duration: '1s' }, { weight: 50, duration: '1s' }];

export function goodRevisions(stage: Stage): void {
  describe.concurrent('a good revision', () => {
    it('that is the first is evaluated, created and promoted; a better one takes over through its steps', async () => {
      const scene = await Scene.open(stage.cluster(), 'good');
      await scene.applyAgent({ prompt: 'first', evals: 'golden', steps });
      const first = await scene.untilHealthy();
      await expectFirst(scene, stableOf(first));
      await expectShown(scene, stableOf(first));
      // Longer than the status of an agent may wait until it shows the way forward.
      await scene.applyAgent({ prompt: 'better', evals: 'golden', steps: [{ weight: 25, duration: '45s' }, ...steps.slice(1)] });
      const judged = await scene.untilRelease('support-2', 'is in its first step', (status) => status.phase === 'Shifting' && status.evidence !== undefined);
      const canary = await scene.get(deployments, `support-${judged.spec.revision}`);
      expect(judged.spec).toMatchObject({ agentName: 'support', stableRevision: stableOf(first) });
      const { status } = await scene.untilAgent('the status shows the canary', ({ canary: shown }) => shown?.readyReplicas === 1);
      expect(status).toMatchObject({ phase: 'Progressing', stable: { revision: stableOf(first), weight: 75 }, canary: { revision: judged.spec.revision, weight: 25 } });
      const second = await scene.untilHealthy();
      expect(stableOf(second)).toBe(judged.spec.revision);
      await expectSecond(scene, { old: stableOf(first), revision: judged.spec.revision, judgedUid: canary.metadata.uid });
    });

    it('with other rules of the network brings its NetworkPolicy along, and the old one goes a while after the last of its pods', { timeout: 300_000 }, async () => {
      const scene = await Scene.open(stage.cluster(), 'rules');
      await scene.applyAgent({ prompt: 'one' });
      await scene.untilHealthy();
      await scene.applyAgent({ prompt: 'one', network: { egress: [{ cidr: '10.1.0.0/16', ports: [8443] }] } });
      await scene.untilPhase('support-2', 'Promoted');
      const revision = stableOf(await scene.untilHealthy());
      await scene.untilDeployments({ [revision]: 2 });
      const [policy, ...others] = await until('the old policy is gone', () => scene.list(networkPolicies), (found) => found.length === 1, patienceMs + graceMs);
      expect(others).toEqual([]);
      expect(policy?.metadata.name).not.toBe(supportPolicy);
      expect((await scene.get(deployments, `support-${revision}`)).spec.template.metadata?.labels).toMatchObject(policy?.spec.podSelector.matchLabels ?? {});
    });

    it('starts without steps where the prompt lies in a ConfigMap that changes', async () => {
      const scene = await Scene.open(stage.cluster(), 'prompt');
      await scene.applyPrompt('prompts', 'one');
      await scene.applyAgent({ promptFrom: 'prompts' });
      const before = await scene.untilHealthy();
      await scene.applyPrompt('prompts', 'two');
      await scene.untilPhase('support-2', 'Promoted');
      const after = await scene.untilHealthy();
      expect(stableOf(after)).not.toBe(stableOf(before));
      expect(after.metadata.generation).toBe(before.metadata.generation);
      const bundle = JSON.parse((await scene.get(configMaps, `support-${stableOf(after)}`)).data?.['agent.json'] ?? '') as { prompt: string };
      expect(bundle.prompt).toBe('two');
      await scene.untilDeployments({ [stableOf(after)]: 2 });
    });
  });
}

async function expectFirst(scene: Scene, revision: string): Promise<void> {
  const { metadata, status } = await scene.agent();
  expect(status).toMatchObject({
    phase: 'Healthy', revision, url: `http://support.${scene.namespace}.svc`, replicas: 2, selector: 'sluice.dev/agent=support',
    stable: { revision, weight: 100, actualWeight: 100, replicas: 2, readyReplicas: 2 },
    release: { name: 'support-1', phase: 'Promoted' },
    history: [{ revision, release: 'support-1', verdict: 'Promoted' }],
  });
  expect(status?.conditions?.map(({ type, status: state, observedGeneration }) => [type, state, observedGeneration])).toEqual([
    ['Ready', 'True', metadata.generation], ['Reconciling', 'False', metadata.generation], ['Stalled', 'False', metadata.generation], ['Available', 'True', metadata.generation],
    // Its spec says nothing of who may ask.
    ['AnswersNobody', 'True', metadata.generation],
  ]);
  expect(phasesOf(await scene.get(releases, 'support-1'))).toEqual(['Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', 'Promoting: NoSteps', 'Promoted: Promoted']);
  expect((await scene.get(evalRuns, evalRunName({ release: 'support-1', suite: 'golden' }))).status).toMatchObject({ phase: 'Passed', report: { total: 2, passed: 2 } });
  const owned = [
    await scene.get(services, 'support'), await scene.get(serviceAccounts, 'support'), await scene.get(podDisruptionBudgets, 'support'),
    await scene.get(deployments, `support-${revision}`), await scene.get(configMaps, `support-${revision}`), await scene.get(networkPolicies, supportPolicy),
    await scene.get(releases, 'support-1'),
  ];
  for (const child of owned) expect(child.metadata.ownerReferences, child.kind).toMatchObject([{ kind: 'AgentDeployment', name: 'support', uid: metadata.uid, controller: true }]);
  expect(await scene.list(horizontalPodAutoscalers)).toEqual([]);
}

async function expectShown(scene: Scene, revision: string): Promise<void> {
  const [header, row] = (await scene.kubectl('get', 'agentdeployments')).split('\n');
  expect(header?.split(/\s+/)).toEqual(['NAME', 'PHASE', 'READY', 'STABLE', 'CANARY', 'WEIGHT', 'RELEASE', 'AGE', 'MESSAGE']);
  expect(row).toMatch(new RegExp(`^support +Healthy +2 +${revision} +Promoted +\\S+ +Revision ${revision} serves all the traffic$`));
}

async function expectSecond(scene: Scene, { old, revision, judgedUid }: { old: string; revision: string; judgedUid: string | undefined }): Promise<void> {
  const release = await scene.get(releases, 'support-2');
  expect(phasesOf(release)).toEqual([
    'Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', 'Shifting: StepStarted', 'Shifting: StepStarted', 'Promoting: AllStepsPassed', 'Promoted: Promoted',
  ]);
  expect(release.status?.objectives).toMatchObject([{ name: 'success', verdict: 'Pass' }]);
  expect(release.status?.evidence?.canary.requests).toBeGreaterThanOrEqual(30);
  expect(release.status?.evidence?.canary.bad).toBe(0);
  const [left] = await scene.untilDeployments({ [revision]: 2 });
  expect(left?.metadata.uid, 'the pods that were judged are the pods that serve').toBe(judgedUid);
  const evaluations = ['support-1', 'support-2'].map((name) => evalRunName({ release: name, suite: 'golden' }));
  expect((await scene.list(networkPolicies)).map(({ metadata }) => metadata.name).toSorted(), 'one for the agent, whose rules have not changed, and one for each evaluation').toEqual([...evaluations, supportPolicy].toSorted());
  expect((await scene.get(configMaps, `support-${old}`)).immutable, 'what was promoted once can come back').toBe(true);
  expect((await scene.agent()).status?.history?.map((entry) => [entry.release, entry.verdict])).toEqual([['support-2', 'Promoted'], ['support-1', 'Promoted']]);
  const told = (await scene.list(events)).filter((event) => event.reportingController === 'sluice.dev/operator').map((event) => event.reason);
  expect(told).toEqual(expect.arrayContaining(['ReleaseEvaluating', 'ReleaseShifting', 'ReleasePromoted', 'EvaluationPassed']));
}

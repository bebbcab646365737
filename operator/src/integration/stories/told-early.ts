import type { Condition, EvalRun } from '@sluice/crds';
import { configMaps, jobs, secrets } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { evalRuns, evalSuites, modelProviders } from '../../resources.ts';
import { provider, providerKey, suite } from '../manifests.ts';
import { Scene, stableOf, type Stage } from '../scene.ts';
import { until } from '../until.ts';

const steps = [{ weight: 50, duration: '1s' }];

/** What can never work is told by name, before anybody is served by it, and goes on by itself once it is mended. */
export function toldEarly(stage: Stage): void {
  describe.concurrent('what cannot work', () => {
    it('objectives without a source hold the release before its first pod, and it goes on with another source', async () => {
      const scene = await Scene.open(stage.cluster(), 'no-source');
      await scene.applyAgent({ prompt: 'fine', steps });
      const first = stableOf(await scene.untilHealthy());
      await scene.applyAgent({ prompt: 'fine', steps, source: 'Prometheus' });
      const warned = await scene.untilAgent('the source is missed', ({ conditions }) => conditionOf(conditions, 'GateNotMeasurable') !== undefined);
      expect([warned.status?.phase, conditionOf(warned.status?.conditions, 'GateNotMeasurable')?.reason]).toEqual(['Healthy', 'NoPrometheus']);
      await scene.applyAgent({ prompt: 'fine too', steps, source: 'Prometheus' });
      const held = await scene.untilAgent('the release is held', ({ phase, release }) => phase === 'Degraded' && release?.phase === 'Held');
      expect(held.status?.message).toContain('set prometheus.url of its chart, or take the source Pods');
      await scene.untilDeployments({ [first]: 2 });
      await scene.applyAgent({ prompt: 'fine too', steps });
      await scene.untilPhase('support-2', 'Promoted');
      await scene.untilHealthy();
    });

    it('cases in a ConfigMap that does not exist are named with their field, and run when it does', async () => {
      const scene = await Scene.open(stage.cluster(), 'no-cases');
      await scene.apply(evalSuites, { ...suite, spec: { ...suite.spec, casesFrom: [{ configMap: { name: 'nothere', key: 'cases.jsonl' } }] } });
      await scene.applyAgent({ prompt: 'fine', evals: 'golden' });
      await untilRun(scene, 'suite "golden" waits: ConfigMap "nothere" does not exist in this namespace (spec.casesFrom[0].configMap.name of EvalSuite "golden"); create it');
      const { status } = await scene.untilAgent('the agent says it', ({ message }) => message?.includes('ConfigMap "nothere" does not exist') === true);
      expect(status?.phase).toBe('Progressing');
      expect(await scene.list(jobs)).toEqual([]);
      await scene.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nothere' }, data: { 'cases.jsonl': '' } });
      await until('the Job is made', () => scene.list(jobs), (found) => found.length > 0);
    });

    it('a key that does not exist is named with its Secret and ModelProvider, and its making is all that is needed', async () => {
      const scene = await Scene.open(stage.cluster(), 'no-key', 'empty');
      await scene.apply(modelProviders, provider);
      await scene.apply(evalSuites, suite);
      await scene.applyAgent({ prompt: 'fine', evals: 'golden' });
      await untilRun(scene, 'suite "golden" waits: Secret "provider-key" does not exist in this namespace (spec.apiKeySecretRef of ModelProvider "simulator"); create it');
      await scene.apply(secrets, providerKey);
      await scene.untilHealthy();
    });
  });
}

function untilRun(scene: Scene, message: string): Promise<readonly EvalRun[]> {
  return until(`a run says: ${message}`, () => scene.list(evalRuns), (found) => found.some(({ status }) => status?.message === message));
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

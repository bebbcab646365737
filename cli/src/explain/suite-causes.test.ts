import type { EvalRun, EvaluationResult } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentOf, nowAt, progressingStatus, promoted, releaseOf, view } from '../fixtures/views.ts';
import { explain } from './explanation.ts';

const evalRun = 'support-3-golden-1';

function explained(message: string, status?: EvalRun['status'], agentStatus = progressingStatus) {
  const agent = agentOf(agentStatus);
  const evaluation: EvaluationResult = { suite: 'golden', attempt: 1, evalRun, verdict: 'NotMeasured', message };
  const told = releaseOf(3, 'r3', { phase: 'Evaluating', evaluations: [evaluation] });
  const release = { ...told, spec: { ...told.spec, rollout: { ...told.spec.rollout, gates: { evals: [{ suiteRef: { name: 'golden' } }] } } } } as typeof told;
  const run: EvalRun = {
    apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { name: evalRun, namespace: 'demo' },
    spec: { agentName: 'support', revision: 'r3', release: 'support-3', suite: { name: 'golden', digest: 'd' }, minPassPercent: 100 }, ...(status === undefined ? {} : { status }),
  };
  return explain({ ...view(agent, [promoted, release]), agent, evalRuns: new Map(status === undefined ? [] : [[evalRun, run]]) }, { now: nowAt(52), options: [] });
}

const secret = 'Secret "key" does not exist (spec.apiKeySecretRef of ModelProvider "demo"); create it';

describe('the first sentence, where a suite cannot be measured', () => {
  it.each<readonly [string, string, EvalRun['status'] | undefined, string]>([
    ['has the cause that its run names', 'suite "golden" is about to run', { phase: 'Pending', message: `suite "golden" waits: ${secret}` }, `support-3 waits for suite golden: ${secret}.`],
    ['has the cause that the release names, without a run', 'EvalSuite "golden" does not exist in this namespace; create it', undefined, 'support-3 waits for suite golden: EvalSuite "golden" does not exist in this namespace; create it.'],
    ['has the cause of a run that could not measure', 'x', { phase: 'NotMeasured', message: 'the eval container ran out of memory (OOMKilled)' }, 'support-3 waits for suite golden: the eval container ran out of memory (OOMKilled).'],
    ['has none while it runs', 'suite "golden" is running: 3/9, 0 failed, 40 s left', undefined, 'support-3 waits for suite golden.'],
    ['has the cause of a run that waits for its input', 'x', { phase: 'Pending', message: 'waiting: EvalSuite "golden" does not exist' }, 'support-3 waits for suite golden: EvalSuite "golden" does not exist.'],
    ['has none while it begins', 'x', { phase: 'Pending', message: 'suite "golden" is starting: 12 cases' }, 'support-3 waits for suite golden.'],
    ['has none while its pod starts', 'x', { phase: 'Pending', message: 'suite "golden" waits for its pod to start' }, 'support-3 waits for suite golden.'],
  ])('%s', (_title, message, status, says) => {
    expect(explained(message, status).answer).toBe(says);
  });

  it('is the only one that says so', () => {
    const { paragraph } = explained(`suite "golden" waits: ${secret}`);
    expect(paragraph.split('Secret "key" does not exist')).toHaveLength(2);
  });
});

import type { EvalRun } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentOf, at, nowAt, progressingStatus, promoted, releaseOf, view } from '../fixtures/views.ts';
import { explain } from './explanation.ts';

function paragraphOf(attempt: number, status?: EvalRun['status']): string {
  const agent = agentOf(progressingStatus);
  const evalRun = `support-3-golden-${attempt}`;
  const release = releaseOf(3, 'r3', { phase: 'Evaluating', evaluations: [{ suite: 'golden', attempt, evalRun, verdict: 'NotMeasured', message: 'the provider does not answer' }] });
  const run: EvalRun = {
    apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { name: evalRun, namespace: 'demo' },
    spec: { agentName: 'support', revision: 'r3', release: 'support-3', suite: { name: 'golden', digest: 'd' }, minPassPercent: 100 }, ...(status === undefined ? {} : { status }),
  };
  return explain({ ...view(agent, [promoted, release]), agent, evalRuns: new Map([[evalRun, run]]) }, { now: nowAt(52), options: [] }).paragraph;
}

describe('a suite that is not measured', () => {
  it.each<readonly [string, number, EvalRun['status'], string]>([
    ['waits for the next run', 3, { phase: 'NotMeasured', finishedAt: at(0) }, 'That is run 3 of 8 of golden; it could not measure, and the next one begins at 2026-03-01T10:02:00Z (in 1m8s).'],
    ['waits for a change', 1, { phase: 'NotMeasured', finishedAt: at(0), reason: 'BudgetUsedUp' }, 'That is run 1 of 8 of golden; it is not repeated before the EvalSuite, the ModelProvider or a Secret has changed, because nothing else would change the result.'],
    ['runs', 2, { phase: 'Running' }, 'That is run 2 of 8 of golden; one that cannot measure is repeated by itself.'],
    ['runs for the last time', 8, { phase: 'Running' }, 'That is run 8 of 8 of golden; one that cannot measure now ends the release.'],
    ['has a run that may not be read', 1, undefined, 'That is run 1 of 8 of golden; one that cannot measure is repeated by itself.'],
  ])('%s', (_title, attempt, status, says) => {
    expect(paragraphOf(attempt, status)).toContain(says);
  });
});

import type { EvalReport, EvalRunStatus } from '@sluice/crds';
import { expect, test } from 'vitest';
import { decideEvalRun } from './decide.ts';
import { withObstacle } from './obstacle.ts';
import { evalRun, evalSuite, frozenCases, now, revision, sampleJob, samplePod, terminated } from './testing/sample-run.ts';
import { isoTime } from '../evidence/clock-time.ts';

const obstacle = { reason: 'BudgetUsedUp', message: 'budget.dollars (5) is used up; raise spec.budget.dollars of the EvalSuite, or ask fewer questions' } as const;
const report: EvalReport = { total: 2, passed: 1, failed: 0, errored: 1, failures: [{ name: 'refund-window', reason: 'budget.dollars (5) is used up', hard: false, outcome: 'NoAnswer' }], obstacle };
const running: EvalRunStatus = { phase: 'Running', message: '', job: 'support-2-golden', startedAt: isoTime(now) };

const statusAfter = (said: EvalReport) => decideEvalRun({ now, evalRun: evalRun(running), configMap: frozenCases(), suite: evalSuite, revision, job: sampleJob(), pods: [samplePod(terminated(JSON.stringify(said)))] }).status;

test('a run that no other try would measure has a reason, and says the budget, the field and what to do', () => {
  expect(statusAfter(report)).toMatchObject({
    phase: 'NotMeasured', reason: 'BudgetUsedUp',
    message: 'suite "golden" was not measured: budget.dollars (5) is used up; raise spec.budget.dollars of the EvalSuite, or ask fewer questions (so far: 1 of 2 cases passed, 0 failed, 1 have no result); it is not repeated before the EvalSuite, the ModelProvider or a Secret has changed, because nothing else would change the result',
  });
});

test('a run that lacks a result by a mishap has none', () => {
  const { obstacle: _none, ...mishap } = report;
  expect(statusAfter(mishap)).toMatchObject({ phase: 'NotMeasured', message: expect.stringContaining('1 case has no result') as string });
  expect(statusAfter(mishap)).not.toHaveProperty('reason');
});

test('what is decided all the same is decided', () => {
  expect(withObstacle({ verdict: 'Fail', message: 'failed' }, 'golden', { 'so far': report })).toEqual({ verdict: 'Fail', message: 'failed' });
});

test('of a comparison either side may be the one that lacks results', () => {
  const { obstacle: _none, ...whole } = report;
  expect(withObstacle({ verdict: 'NotMeasured', message: '' }, 'golden', { 'the new revision': whole, 'the stable revision': { ...report, obstacle: { ...obstacle, reason: 'NoPrice' } } })).toMatchObject({ reason: 'NoPrice', message: expect.stringContaining('(the stable revision: 1 of 2') as string });
});

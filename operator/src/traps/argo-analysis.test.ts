import type { Evidence, Objective, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { judgeEvalRun } from '../gates/index.ts';
import { advance } from '../release/machine.ts';
import { judgedBy } from '../release/testing/judged.ts';
import { evaluation, evidence, observed, startedAt } from '../release/testing/observations.ts';

const rate: Objective = { name: 'success', successRate: { minPercent: 99 } };
const latency: Objective = { name: 'latency', latency: { percentile: 95, maxMilliseconds: 1_000 } };
const suite = { name: 'golden', cases: [{ name: 'a', hard: false }, { name: 'b', hard: false }] };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: new Date(startedAt).toISOString() };
const canary = { revision: 'new', replicas: 1, ready: 1 };

function verdict(objective: Objective, found: Evidence | undefined): string {
  return judgedBy([objective], found)[0]?.verdict ?? '';
}

describe('3.4 Argo Rollouts: analysis', () => {
  it('(a) terminated with zero measurements is not Successful', () => {
    expect(verdict(rate, undefined)).toBe('NotMeasured');
    expect(verdict(rate, evidence(startedAt, { requests: 0, bad: 0 }))).toBe('NotMeasured');
    expect(judgeEvalRun({ total: 2, passed: 0, failed: 0, errored: 2, failures: [] }, { minPassPercent: 0 }, suite).verdict).toBe('NotMeasured');
  });

  it('(b) an early error does not leave a run that never ends: eight that could not measure end the release', () => {
    const next = advance(observed({ phase: 'Evaluating' }, { evaluations: [{ ...evaluation('NotMeasured'), attempt: 8 }] })).status;
    expect(next).toMatchObject({ phase: 'RolledBack', reason: 'EvaluationNotMeasured', finishedAt: expect.any(String) as string });
  });

  it('(c) metrics that are gone for more than 50 s do not kill a good canary: its clock stands', () => {
    const blip = { hindrances: [{ reason: 'MetricsMissing', message: 'nothing could be read' }], canary, evidence: evidence(startedAt, { requests: 50, bad: 0 }) } as const;
    const held = advance(observed(inStep, { ...blip, now: startedAt + 60_000 })).status;
    expect(held).toMatchObject({ phase: 'Held', weight: 20 });
    expect(advance(observed(held, { canary, now: startedAt + 120_000 })).status).toMatchObject({ phase: 'Shifting', weight: 20 });
  });

  it('(d) one noisy sample does not abort', () => {
    expect(verdict(rate, evidence(startedAt, { requests: 30, bad: 1 }))).not.toBe('Fail');
    expect(verdict(rate, evidence(startedAt, { requests: 1, bad: 1 }))).toBe('Inconclusive');
  });

  it('(e) no measurement goes on for ever: a step that stays open is a person\'s with maxDuration, and ends with holdLimit', () => {
    const open = (now: number) => ({ canary, now, evidence: evidence(now, { requests: 3, bad: 0 }) });
    const asked = advance(observed(inStep, open(startedAt + 60_000))).status;
    const late = advance(observed(asked, open(startedAt + 3_700_000))).status;
    expect(late).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive' });
    expect(advance(observed(late, open(startedAt + 7_400_000))).status).toMatchObject({ phase: 'RollingBack', reason: 'Inconclusive' });
  });

  it('(f) too few samples decide nothing: what is enough follows from the risk', () => {
    expect(verdict(rate, evidence(startedAt, { requests: 29, bad: 0 }))).toBe('Inconclusive');
    expect(verdict(rate, evidence(startedAt, { requests: 900, bad: 0 }))).toBe('Pass');
  });

  it('(g) a run in which nothing counts is no success: suites that did not run do not pass', () => {
    expect(advance(observed({ phase: 'Evaluating' }, { evaluations: [] })).status.phase).toBe('Evaluating');
  });

  it('(h) NaN is no pass', () => {
    expect(verdict(rate, evidence(startedAt, { requests: Number.NaN, bad: 0 }))).toBe('NotMeasured');
    const broken = { ...evidence(startedAt, { requests: 50, bad: 0 }), canary: { requests: 50, bad: 0, latencyBuckets: [{ le: Number.NaN, count: 50 }] } };
    expect(verdict(latency, broken)).toBe('NotMeasured');
  });

  it('(i) an objective without a condition is not passed by any answer: it compares by the default margin', () => {
    expect(verdict({ name: 'empty', successRate: {} }, evidence(startedAt, { requests: 900, bad: 0 }, { requests: 0, bad: 0 }))).toBe('NotMeasured');
    expect(verdict({ name: 'empty', successRate: {} }, evidence(startedAt, { requests: 900, bad: 90 }, { requests: 900, bad: 0 }))).toBe('Fail');
  });

  it('a latency without a histogram, or an absent metric, is no pass', () => {
    expect(verdict(latency, evidence(startedAt, { requests: 900, bad: 0 }))).toBe('NotMeasured');
  });
});

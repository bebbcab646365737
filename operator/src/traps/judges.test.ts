import type { Evidence, Objective, PastCounts } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { judgeEvalRun } from '../gates/index.ts';
import { advance } from '../release/machine.ts';
import { judgedBy } from '../release/testing/judged.ts';
import { evidence, observed, startedAt } from '../release/testing/observations.ts';

const drop: Objective = { name: 'drop', successRate: { maxDropPoints: 1 } };
const slower: Objective = { name: 'slower', latency: { percentile: 95 } };

/** The stable pods had answered as they do now, so it is known what is slow. */
function past(stable: Evidence['stable']): PastCounts {
  return { ...stable, pods: 4, podMilliseconds: 4 * 3_600_000 };
}

function verdict(objective: Objective, found: Evidence): string {
  return judgedBy([objective], found, past(found.stable)).find(({ name }) => name === objective.name)?.verdict ?? '';
}

function withLatency(found: Evidence, stable: readonly number[], canary: readonly number[]): Evidence {
  const buckets = (counts: readonly number[]) => counts.map((count, index) => ({ le: index === counts.length - 1 ? -1 : 0.1 * 2 ** index, count }));
  return { ...found, stable: { ...found.stable, latencyBuckets: buckets(stable) }, canary: { ...found.canary, latencyBuckets: buckets(canary) } };
}

describe('3.9 Kayenta: its judge', () => {
  it('no data is no pass, on either side', () => {
    expect(verdict(drop, evidence(startedAt, { requests: 0, bad: 0 }))).toBe('NotMeasured');
    expect(verdict(drop, evidence(startedAt, { requests: 90, bad: 0 }, { requests: 0, bad: 0 }))).toBe('NotMeasured');
  });

  it('a baseline of zero does not switch the comparison off (KY#799)', () => {
    expect(verdict(drop, evidence(startedAt, { requests: 200, bad: 60 }, { requests: 2_000, bad: 0 }))).toBe('Fail');
    expect(verdict(drop, evidence(startedAt, { requests: 900, bad: 0 }, { requests: 2_000, bad: 0 }))).toBe('Pass');
  });

  it('the margin is of the baseline, not of the difference itself: ten times as slow is no pass (KY#780)', () => {
    const found = evidence(startedAt, { requests: 100, bad: 0 }, { requests: 400, bad: 0 });
    expect(verdict(slower, withLatency(found, [400, 400, 400, 400, 400], [0, 0, 0, 100, 100]))).toBe('Fail');
  });

  it('identical samples pass without noise being added', () => {
    const found = evidence(startedAt, { requests: 1_000, bad: 0 }, { requests: 1_000, bad: 0 });
    const same = [1_000, 1_000, 1_000, 1_000, 1_000];
    expect(judgedBy([slower], withLatency(found, same, same))).toEqual(judgedBy([slower], withLatency(found, same, same)));
    expect(verdict(slower, withLatency(found, same, same))).toBe('Pass');
  });

  it('a group in which nothing was measured does not count 100: one open objective holds the step', () => {
    const at = new Date(startedAt).toISOString();
    const status = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at } as const;
    expect(advance(observed(status, { canary: { revision: 'new', replicas: 1, ready: 1 }, now: startedAt + 90_000, evidence: evidence(startedAt + 90_000, { requests: 3, bad: 0 }) })).status).toMatchObject({ step: 0 });
  });
});

describe('3.10 Iter8 and Keptn', () => {
  const report = { total: 2, passed: 2, failed: 0, errored: 0, failures: [] } as never;
  it('Keptn: no service level objective is told as none, and an empty suite is no pass', () => {
    expect(judgeEvalRun({ total: 0, passed: 0, failed: 0, errored: 0, failures: [] }, { minPassPercent: 0 }, { name: 'empty', cases: [] }).verdict).toBe('NotMeasured');
    const status = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: new Date(startedAt).toISOString() } as const;
    const none = { steps: [{ weight: 20, duration: '1m' }], maxDuration: '1h', progressDeadline: '5m', holdLimit: '1h', onSecretChange: 'Restart', historyLimit: 10 } as const;
    const release = { ...observed(status).release, spec: { agentName: 'support', revision: 'new', rollout: { ...none, steps: [...none.steps] } } };
    expect(advance(observed(status, { release, canary: { revision: 'new', replicas: 1, ready: 1 } })).status.message).toContain('no objectives are set');
  });

  it('Keptn: no previous result is no pass: without a stable revision nothing is compared', () => {
    expect(verdict(drop, evidence(startedAt, { requests: 500, bad: 0 }, { requests: 0, bad: 0 }))).toBe('NotMeasured');
  });

  it('Keptn: a report about other cases than the suite has is not believed', () => {
    expect(judgeEvalRun(report, { minPassPercent: 100 }, { name: 'golden', cases: [{ name: 'a', hard: false }] }).verdict).toBe('NotMeasured');
  });

  it('Iter8: a prior that pulls towards a win with few samples does not: few samples decide nothing', () => {
    expect(verdict(drop, evidence(startedAt, { requests: 5, bad: 0 }, { requests: 500, bad: 100 }))).toBe('Inconclusive');
  });
});

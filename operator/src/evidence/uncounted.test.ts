import type { Evidence, Objective, Sample } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { uncountedBefore, uncountedIn } from './uncounted.ts';

const refunds: Objective = { name: 'refunds', counter: { bad: { metric: 'refnds_failed_total' }, total: { metric: 'refunds_total' } } };
const latency: Objective = { name: 'p95', latency: { percentile: 95 } };
const cost: Objective = { name: 'dollars', cost: {} };
const served = (requests: number, more: Partial<Sample> = {}): Sample => ({ requests, bad: 0, latencyBuckets: [], ...more });
const counted = { counts: [{ name: 'refunds', bad: 0, total: 3 }] };
const problem = (objective: string) => ({ objective, reason: 'there is no metric' });

describe('an objective of which nothing was ever counted', () => {
  it.each<readonly [string, Pick<Evidence, 'problems' | 'past' | 'stable' | 'canary'>, boolean]>([
    ['while both revisions serve', { problems: [problem('refunds')], stable: served(90), canary: served(10) }, true],
    ['while the stable one alone serves', { problems: [problem('refunds')], stable: served(90), canary: served(0) }, true],
    ['by the past of the stable pods', { problems: [problem('refunds')], past: { ...served(900), pods: 2, podMilliseconds: 1 }, stable: served(0), canary: served(0) }, true],
    ['on the new revision alone', { problems: [problem('refunds')], stable: served(90, counted), canary: served(10) }, true],
    ['is not known as long as nobody is served', { problems: [problem('refunds')], stable: served(0), canary: served(0) }, false],
    ['is not one that was counted and is missing now', { problems: [problem('refunds')], stable: served(90, counted), canary: served(10, counted) }, false],
    ['is not one that had no events', { problems: [], stable: served(90), canary: served(10) }, false],
    ['is not what could not be read at all', { problems: [{ reason: 'ECONNREFUSED' }], stable: served(90), canary: served(10) }, false],
    ['is none of another plan', { problems: [problem('gone')], stable: served(90), canary: served(10) }, false],
  ])('%s', (_name, evidence, told) => {
    expect(uncountedIn(evidence, [refunds])).toEqual(told ? [problem('refunds')] : []);
  });

  it('is a histogram that is empty, where it is about latency or cost', () => {
    const buckets = [{ le: -1, count: 4 }];
    expect(uncountedIn({ problems: [problem('p95'), problem('dollars')], stable: served(9), canary: served(0) }, [latency, cost])).toEqual([problem('p95'), problem('dollars')]);
    expect(uncountedIn({ problems: [problem('p95'), problem('dollars')], stable: served(9, { latencyBuckets: buckets, costBuckets: buckets }), canary: served(0) }, [latency, cost])).toEqual([]);
  });

  it('is known before a release by the pods that serve', () => {
    expect(uncountedBefore({ ...served(10), pods: 1, podMilliseconds: 1 }, [problem('refunds')], [refunds])).toEqual([problem('refunds')]);
    expect(uncountedBefore({ ...served(0), pods: 1, podMilliseconds: 1 }, [problem('refunds')], [refunds])).toEqual([]);
  });
});

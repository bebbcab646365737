import { describe, expect, it } from 'vitest';
import { policyNameOf } from '../../children/index.ts';
import { sampleRecord } from '../../revision/testing/sample-agent.ts';
import { graceMs, staysBounded, unneededPolicies } from './policies.ts';

const record = sampleRecord();
const wanted = policyNameOf(record);

describe('a NetworkPolicy', () => {
  it.each([
    ['that a revision shall have', { name: wanted, pods: 0, revisions: [], unusedMs: graceMs }, { due: [] }],
    ['that a pod on its way out still has', { name: 'support-old', pods: 1, revisions: [], unusedMs: 0 }, { due: [] }],
    ['of a Deployment, be it one that goes', { name: 'support-old', pods: 0, revisions: ['gone'], unusedMs: 0 }, { due: [] }],
    ['of nothing for a moment, in which a pod may be on its way', { name: 'support-old', pods: 0, revisions: [], unusedMs: graceMs - 1 }, { due: [], lookAgainAfterMs: 1 }],
    ['of nothing any more', { name: 'support-old', pods: 0, revisions: [], unusedMs: graceMs }, { due: ['support-old'] }],
  ])('%s', (_, policy, expected) => {
    expect(unneededPolicies({ policies: [policy] }, [{ record }])).toEqual(expected);
  });

  it('outlives a Deployment where a revision that stays has the same rules', () => {
    const policies = [{ name: wanted, pods: 4, revisions: ['same'], unusedMs: 0 }, { name: 'support-other', pods: 2, revisions: ['other'], unusedMs: 0 }];
    expect(['same', 'other'].map((revision) => staysBounded(revision, { policies }, [{ record }]))).toEqual([true, false]);
  });
});

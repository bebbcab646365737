import { describe, expect, it } from 'vitest';
import { policyNameOf } from '../../children/index.ts';
import { sampleRecord } from '../../revision/testing/sample-agent.ts';
import { staysBounded, unneededPolicies } from './policies.ts';

const record = sampleRecord();
const wanted = policyNameOf(record);

describe('a NetworkPolicy', () => {
  it.each([
    ['that a revision shall have', { name: wanted, pods: 0, revisions: [] }, []],
    ['that a pod on its way out still has', { name: 'support-old', pods: 1, revisions: [] }, []],
    ['of a Deployment that stays', { name: 'support-old', pods: 0, revisions: ['kept'] }, []],
    ['of a Deployment that goes', { name: 'support-old', pods: 0, revisions: ['gone'] }, ['support-old']],
    ['of nothing, which a crash has left', { name: 'support-old', pods: 0, revisions: [] }, ['support-old']],
  ])('%s', (_, policy, removed) => {
    expect(unneededPolicies({ policies: [policy] }, [{ record }], ['gone'])).toEqual(removed);
  });

  it('outlives a Deployment where a revision that stays has the same rules', () => {
    const policies = [{ name: wanted, pods: 4, revisions: ['same'] }, { name: 'support-other', pods: 2, revisions: ['other'] }];
    expect(['same', 'other'].map((revision) => staysBounded(revision, { policies }, [{ record }]))).toEqual([true, false]);
  });
});

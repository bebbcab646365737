import { describe, expect, it } from 'vitest';
import { agentLabels, agentSelector, operatorLabels, revisionLabels, revisionSelector } from './labels.ts';

describe('labels', () => {
  it('of an agent', () => {
    expect(agentLabels('support')).toEqual({
      'app.kubernetes.io/name': 'support', 'app.kubernetes.io/component': 'agent', 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/agent': 'support',
    });
  });

  it('of a revision are those of its agent and its name', () => {
    expect(revisionLabels('support', 'abc')).toEqual({ ...agentLabels('support'), 'sluice.dev/revision': 'abc' });
  });

  it('contain what the selectors ask for', () => {
    expect(revisionLabels('support', 'abc')).toMatchObject(agentSelector('support'));
    expect(revisionLabels('support', 'abc')).toMatchObject(revisionSelector('support', 'abc'));
  });

  it('outside of sluice.dev are all reserved', () => {
    expect(Object.keys(agentLabels('a')).filter((key) => !key.startsWith('sluice.dev/')).toSorted()).toEqual([...operatorLabels].toSorted());
  });
});

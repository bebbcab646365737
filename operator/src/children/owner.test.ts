import { describe, expect, it } from 'vitest';
import { controllerReference } from './owner.ts';

describe('controllerReference', () => {
  it('makes the agent the controller of the child', () => {
    expect(controllerReference({ metadata: { name: 'support', uid: 'u' } })).toEqual({
      apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'u', controller: true, blockOwnerDeletion: true,
    });
  });

  it.each([{ name: 'support' }, { name: 'support', uid: '' }])('refuses an agent that was not read from the API server: %j', (metadata) => {
    expect(() => controllerReference({ metadata })).toThrow('AgentDeployment "support" has no metadata.uid');
  });
});

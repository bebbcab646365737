import { describe, expect, it } from 'vitest';
import { controllerReference, goesAfter } from './owner.ts';

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

describe('goesAfter', () => {
  const owner = controllerReference({ metadata: { name: 'support', uid: 'u' } });
  const service = { metadata: { name: 'support-abc', ownerReferences: [owner] } };
  const first = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'support', uid: 'r' } };

  it('adds an owner that neither controls the object nor waits for it', () => {
    expect(goesAfter(service, first).metadata.ownerReferences).toEqual([owner, { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', name: 'support', uid: 'r' }]);
  });

  it('leaves the object as it is while there is nothing that goes first', () => {
    expect(goesAfter(service, undefined)).toBe(service);
    expect(goesAfter(service, { ...first, metadata: { name: 'support' } })).toBe(service);
  });
});

import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { controllerOf, isOwnedBy, ownerReference } from './ownership.ts';

const owner: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', uid: 'u1' } };

function child(...references: ReturnType<typeof ownerReference>[]): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ownerReferences: references } };
}

describe('ownership', () => {
  it('refers to an owner as a controller or plainly', () => {
    expect(ownerReference(owner, { controller: 'controller' })).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u1', controller: true, blockOwnerDeletion: true });
    expect(ownerReference(owner, { controller: 'plain' })).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u1' });
  });

  it('refuses an owner without a uid', () => {
    expect(() => ownerReference({ ...owner, metadata: { name: 'web' } }, { controller: 'plain' })).toThrow(/has no metadata\.uid/);
  });

  it('is by uid, not by name', () => {
    const owned = child(ownerReference(owner, { controller: 'controller' }));
    expect(isOwnedBy(owned, owner)).toBe(true);
    expect(isOwnedBy(owned, { ...owner, metadata: { name: 'web', uid: 'u2' } })).toBe(false);
    expect(isOwnedBy(owned, { ...owner, metadata: { name: 'web' } })).toBe(false);
    expect([controllerOf(owned)?.uid, controllerOf(child(ownerReference(owner, { controller: 'plain' })))]).toEqual(['u1', undefined]);
  });
});

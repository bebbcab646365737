import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../object.ts';
import { namespaces } from '../resources/core.ts';
import { deployments } from '../resources/workloads.ts';
import { ownerKeys, selfKeys } from './mapping.ts';

function object(metadata: Partial<ObjectMeta>): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'prod', ...metadata } };
}

function owned(reference: object): KubeObject {
  return object({ ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true, ...reference }] });
}

describe('keys', () => {
  it('of an object itself', () => {
    expect(selfKeys(object({}))).toEqual([{ namespace: 'prod', name: 'p' }]);
  });

  it('of its controlling owner, whatever API version the reference names', () => {
    expect(ownerKeys(deployments)(owned({ apiVersion: 'apps/v1beta9' }))).toEqual([{ namespace: 'prod', name: 'web' }]);
  });

  it('of no owner of another kind or group, nor of one that does not control', () => {
    const keys = ownerKeys(deployments);
    expect([owned({ kind: 'Job' }), owned({ apiVersion: 'other/v1' }), owned({ controller: false }), object({})].flatMap(keys)).toEqual([]);
  });

  it('of a cluster-scoped owner are without a namespace', () => {
    expect(ownerKeys(namespaces)(owned({ apiVersion: 'v1', kind: 'Namespace' }))).toEqual([{ namespace: '', name: 'web' }]);
  });
});

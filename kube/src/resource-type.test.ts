import { describe, expect, it } from 'vitest';
import { apiVersionOf, collectionPath, groupOf, objectPath } from './resource-type.ts';
import { nodes, pods } from './resources/core.ts';
import { deployments } from './resources/workloads.ts';

describe('resource types', () => {
  it('builds paths of the core group and of named groups', () => {
    expect(collectionPath(pods, '')).toBe('/api/v1/pods');
    expect(collectionPath(deployments, 'prod')).toBe('/apis/apps/v1/namespaces/prod/deployments');
    expect(objectPath(nodes, { namespace: '', name: 'n1' })).toBe('/api/v1/nodes/n1');
  });

  it('leaves the namespace out for cluster-scoped kinds', () => {
    expect(collectionPath(nodes, 'prod')).toBe('/api/v1/nodes');
  });

  it('escapes names, so that none can reach another path', () => {
    expect(objectPath(pods, { namespace: 'a', name: '../secrets/x' })).toBe('/api/v1/namespaces/a/pods/..%2Fsecrets%2Fx');
  });

  it('refuses a namespaced object without a namespace and an object without a name', () => {
    expect(() => objectPath(pods, { namespace: '', name: 'web' })).toThrow(/metadata\.namespace is empty/);
    expect(() => objectPath(pods, { namespace: 'a', name: '' })).toThrow(/metadata\.name is empty/);
  });

  it('knows the group of an apiVersion', () => {
    expect([groupOf('v1'), groupOf('apps/v1')]).toEqual(['', 'apps']);
    expect([apiVersionOf(pods), apiVersionOf(deployments)]).toEqual(['v1', 'apps/v1']);
  });
});

import { describe, expect, it } from 'vitest';
import { isWrite, parseApiRequest } from './api-request.ts';

describe('parseApiRequest', () => {
  it.each([
    ['GET', '/api/v1/pods?labelSelector=a', 'list', '', 'pods', '', ''],
    ['GET', '/api/v1/pods?watch=true&resourceVersion=1', 'watch', '', 'pods', '', ''],
    ['GET', '/api/v1/namespaces/shop/services/support', 'get', '', 'services', 'shop', 'support'],
    ['GET', '/api/v1/namespaces/shop', 'get', '', 'namespaces', '', 'shop'],
    ['POST', '/apis/batch/v1/namespaces/shop/jobs', 'create', 'batch', 'jobs', 'shop', ''],
    ['PUT', '/apis/sluice.dev/v1alpha1/namespaces/shop/releases/support-1/status', 'update', 'sluice.dev', 'releases/status', 'shop', 'support-1'],
    ['PATCH', '/apis/apps/v1/namespaces/shop/deployments/support-1?force=true', 'patch', 'apps', 'deployments', 'shop', 'support-1'],
    ['DELETE', '/apis/apps/v1/namespaces/shop/deployments/support-1', 'delete', 'apps', 'deployments', 'shop', 'support-1'],
    ['DELETE', '/apis/apps/v1/namespaces/shop/deployments', 'deletecollection', 'apps', 'deployments', 'shop', ''],
  ])('%s %s is %s', (method, target, verb, group, resource, namespace, name) => {
    expect(parseApiRequest(method, target)).toEqual({ verb, group, resource, namespace, name });
  });

  it.each(['/version', '/readyz', '/', '/apis', '/api/v1'])('%s is no resource', (path) => {
    expect(parseApiRequest('GET', path)).toBeUndefined();
  });
});

it('tells writes from reads', () => {
  expect(['get', 'list', 'watch'].map((verb) => isWrite({ verb }))).toEqual([false, false, false]);
  expect(['create', 'update', 'patch', 'delete', 'deletecollection'].every((verb) => isWrite({ verb }))).toBe(true);
});

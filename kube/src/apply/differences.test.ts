import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from './differences.ts';

describe('differences', () => {
  it('ignores what only the cluster has: defaults, status, other managers\' fields', () => {
    const desired = { metadata: { name: 'a', labels: { app: 'x' } }, spec: { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } } };
    const actual = {
      metadata: { name: 'a', labels: { app: 'x', injected: 'y' }, uid: 'u' },
      spec: { replicas: 3, template: { spec: { dnsPolicy: 'ClusterFirst', containers: [{ name: 'sidecar', image: 's' }, { name: 'c', image: 'i', imagePullPolicy: 'Always' }] } } }, status: {},
    };
    expect(differences(desired, actual)).toEqual([]);
  });

  it.each<[string, unknown, unknown, string[]]>([
    ['a changed value', { spec: { replicas: 2 } }, { spec: { replicas: 3 } }, ['spec.replicas']],
    ['a missing value', { spec: { paused: true } }, { spec: {} }, ['spec.paused']],
    ['a missing branch', { spec: { a: { b: 1 } } }, {}, ['spec']],
    ['false where the cluster has nothing', { spec: { mount: false } }, { spec: {} }, ['spec.mount']],
    ['an image', { containers: [{ name: 'c', image: 'new' }] }, { containers: [{ name: 'c', image: 'old' }] }, ['containers[0].image']],
    ['a missing container', { containers: [{ name: 'c' }] }, { containers: [{ name: 'd' }] }, ['containers[0]']],
    ['arguments added', { args: ['a'] }, { args: ['a', 'b'] }, ['args']],
    ['arguments changed', { args: ['a'] }, { args: ['b'] }, ['args[0]']],
    ['a finalizer', { metadata: { finalizers: ['x'] } }, { metadata: { finalizers: ['y'] } }, ['metadata.finalizers']],
    ['a quantity', { requests: { cpu: '1' } }, { requests: { cpu: '2' } }, ['requests.cpu']],
    ['a value that only looks like the same quantity', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'A', value: '1000m' }] }, ['env[0].value']],
    ['an empty map of a kind that stays', { emptyDir: {} }, {}, ['emptyDir']],
  ])('finds %s', (_what, desired, actual, paths) => {
    expect(differences(desired, actual)).toEqual(paths);
  });

  it.each<[string, unknown, unknown]>([
    ['quantities of the same value', { resources: { requests: { cpu: '0.5', memory: '1Gi' } } }, { resources: { requests: { cpu: '500m', memory: '1024Mi' } } }],
    ['a quantity given as a number', { limits: { cpu: 1 } }, { limits: { cpu: '1' } }],
    ['finalizers beside others', { finalizers: ['x'] }, { finalizers: ['y', 'x'] }],
    ['environment in another order', { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }, { env: [{ name: 'B', value: '2' }, { name: 'A', value: '1' }] }],
    ['ports by number and protocol', { ports: [{ port: 80 }] }, { ports: [{ port: 443, name: 'https' }, { port: 80, protocol: 'TCP', targetPort: 80 }] }],
    ['empty maps that vanish', { metadata: { labels: {}, annotations: {} } }, { metadata: {} }],
    ['empty lists', { args: [] }, {}],
    ['members that are not there', { a: undefined, b: null }, {}],
  ])('does not mind %s', (_what, desired, actual) => {
    expect(differences(desired, actual)).toEqual([]);
  });

  it('finds nothing between any value and itself', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(differences(value, structuredClone(value))).toEqual([]);
    }));
  });
});

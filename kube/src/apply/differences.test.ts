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
    ['a port that a network policy has beside ours', { apiVersion: 'networking.k8s.io/v1', ingress: [{ ports: [{ port: 80 }] }] }, { ingress: [{ ports: [{ port: 80 }, { port: 22 }] }] }, ['ingress[0].ports']],
    ['an element that a custom kind has beside ours', { apiVersion: 'x.dev/v1', spec: { ports: [{ name: 'a' }] } }, { spec: { ports: [{ name: 'a' }, { name: 'b' }] } }, ['spec.ports']],
    ['a text that only looks like the same time', { annotations: { startTime: '2026-01-01T00:00:00Z' } }, { annotations: { startTime: '2026-01-01T00:00:00.0Z' } }, ['annotations.startTime']],
    ['a number where a text is meant', { targetPort: '80' }, { targetPort: 80 }, ['targetPort']],
    ['another secret', { apiVersion: 'v1', kind: 'Secret', stringData: { a: 'x' } }, { data: { a: 'eQ==' } }, ['data.a']],
    ['null where the cluster has something', { spec: { replicas: null } }, { spec: { replicas: 3 } }, ['spec.replicas']],
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
    ['the TCP that a port left out means', { ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] }, { ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 53, protocol: 'TCP' }] }],
    ['times in another form', { spec: { startTime: '2026-01-01T01:00:00.5+01:00' } }, { spec: { startTime: '2026-01-01T00:00:00Z' } }],
    ['a Secret given as text', { apiVersion: 'v1', kind: 'Secret', stringData: { a: 'x' }, data: { b: 'eQ' } }, { kind: 'Secret', data: { a: 'eA==', b: 'eQ==' } }],
    ['binary data in another form', { binaryData: { a: 'eQ' } }, { binaryData: { a: 'eQ==' } }],
    ['quantities outside of resources', { metrics: [{ resource: { target: { averageValue: '0.5' } } }], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Gi' } }] }, { metrics: [{ resource: { target: { averageValue: '500m' } } }], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1024Mi' } }] }],
    ['status', { apiVersion: 'v1', kind: 'Pod', status: { phase: 'Running' } }, {}],
    ['removed members that are gone', { apiVersion: 'v1', kind: 'ConfigMap', data: { a: null } }, {}],
    ['members that are not there', { a: undefined, b: null }, {}],
  ])('does not mind %s', (_what, desired, actual) => {
    expect(differences(desired, actual)).toEqual([]);
  });

  it('merges the lists of a custom kind that are named', () => {
    const lists = { listeners: { type: 'map', keys: ['name'] }, tags: { type: 'set' } } as const;
    const desired = { apiVersion: 'x.dev/v1', spec: { listeners: [{ name: 'a', port: 1 }], tags: ['x'] } };
    expect(differences(desired, { spec: { listeners: [{ name: 'b' }, { name: 'a', port: 1 }], tags: ['y', 'x'] } }, { lists })).toEqual([]);
    expect(differences(desired, { spec: { listeners: [{ name: 'a', port: 2 }], tags: ['y'] } }, { lists })).toEqual(['spec.listeners[0].port', 'spec.tags']);
  });

  it('finds nothing between any value and itself', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(differences(value, structuredClone(value))).toEqual([]);
    }));
  });
});

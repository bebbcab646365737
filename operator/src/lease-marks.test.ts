import type { Lease } from '@sluice/kube';
import { expect, it } from 'vitest';
import { leaseMarks, looksAfter } from './lease-marks.ts';

const leaseOf = (looked: Parameters<typeof leaseMarks>[0]): Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'x', namespace: 'sluice-system', ...leaseMarks(looked) } });

it.each<[string, Lease, string, string | undefined, boolean]>([
  ['one of all namespaces', leaseOf({ namespaces: [''] }), 'demo', undefined, true],
  ['one of this namespace', leaseOf({ namespaces: ['shop', 'demo'] }), 'demo', undefined, true],
  ['one of others', leaseOf({ namespaces: ['shop', 'demonstration'] }), 'demo', undefined, false],
  ['one of a shard, for an agent of none', leaseOf({ namespaces: [''], shard: 'blue' }), 'demo', undefined, false],
  ['one of none, for an agent of a shard', leaseOf({ namespaces: [''] }), 'demo', 'blue', false],
  ['one of its shard', leaseOf({ namespaces: [''], shard: 'blue' }), 'demo', 'blue', true],
  ['any other lease', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'kube-scheduler', namespace: 'kube-system' } }, 'demo', undefined, false],
])('the lease of %s', (_which, lease, namespace, shard, expected) => {
  expect(looksAfter(lease, { namespace, shard })).toBe(expected);
});

it('has values that the API server takes for labels, however many namespaces are watched', () => {
  const { labels } = leaseMarks({ namespaces: Array.from({ length: 40 }, (_, index) => `namespace-${index}`), shard: 'blue' });
  expect(labels).toEqual({ 'sluice.dev/operator': 'true', 'sluice.dev/shard': 'blue' });
});

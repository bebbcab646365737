import type { KubeObject } from '@sluice/kube';
import { expect, it } from 'vitest';
import { digestOfWanted, maxObjects, RightObjects } from './right-objects.ts';

const wanted = digestOfWanted({ spec: { replicas: 2 } });
const named = (uid: string, metadata: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'support', uid, resourceVersion: '1', ...metadata } });

it('one of another version without a generation is not known to be right', () => {
  const right = new RightObjects();
  right.add(named('a'), wanted);
  right.add(named('b', { generation: 1 }), wanted);
  expect(right.has(named('a'), wanted)).toBe(true);
  expect(right.has(named('a', { resourceVersion: '2' }), wanted)).toBe(false);
  expect(right.has(named('b', { generation: 1, resourceVersion: '2' }), wanted)).toBe(true);
  expect(right.has(named('b', { generation: 1 }), digestOfWanted({ spec: { replicas: 3 } }))).toBe(false);
});

it('one without a uid, or that was removed, is not known at all', () => {
  const right = new RightObjects();
  const { uid: _none, ...metadata } = named('a').metadata;
  right.add({ ...named('a'), metadata }, wanted);
  expect(right.has({ ...named('a'), metadata }, wanted)).toBe(false);
  right.add(named('a'), wanted);
  right.delete('a');
  expect(right.has(named('a'), wanted)).toBe(false);
});

it('remembers a bounded number', () => {
  const right = new RightObjects();
  for (let number = 0; number <= maxObjects; number += 1) right.add(named(`uid-${number}`), wanted);
  expect(right.has(named('uid-0'), wanted)).toBe(false);
  expect(right.has(named('uid-1'), wanted)).toBe(true);
});

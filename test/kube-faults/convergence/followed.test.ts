import { describe, expect, it } from 'vitest';
import { widget } from '../../../kube/src/testing/widgets.ts';
import { between } from './followed.ts';
import { desiredChild, FINALIZER, undesired } from './parent-controller.ts';

const parent = {
  ...widget('a', 'one', 3),
  metadata: { name: 'a', namespace: 'one', uid: 'u1', finalizers: [FINALIZER] },
  status: { observedSize: 3 },
};
const child = { ...desiredChild(parent, 'run'), data: { size: '3' }, metadata: { ...desiredChild(parent, 'run').metadata, name: 'a-child', namespace: 'one' } } as never;

describe('between', () => {
  it('finds what is missing, what is too much and what is of another version', () => {
    const server = new Map([['a', '1'], ['b', '1'], ['c', '1']]);
    expect(between('the cache', server, server)).toEqual([]);
    expect(between('the cache', new Map([['a', '1'], ['b', '2'], ['d', '1']]), server)).toEqual([
      'the cache has b as 2; the server as 1',
      'the cache has c as nothing; the server as 1',
      'the cache has d as 1; the server has it no longer',
    ]);
  });
});

describe('undesired', () => {
  it('accepts a parent that has all it wants', () => {
    expect(undesired([parent], [child], 'run')).toEqual([]);
  });

  it('finds a missing child, an orphan, and a child of a former parent', () => {
    expect(undesired([parent], [], 'run')).toEqual(['the child of one/a says nothing, not 3']);
    expect(undesired([], [child], 'run')).toEqual(['one/a-child has no parent']);
    expect(undesired([{ ...parent, metadata: { ...parent.metadata, uid: 'u2' } }], [child], 'run')).toEqual(['the child of one/a belongs to a former one']);
  });

  it('finds a parent whose status or finalizer is missing, or that cannot go', () => {
    expect(undesired([{ ...parent, status: { observedSize: 2 } }], [child], 'run')).toEqual(['one/a has observed size 2 of 3']);
    expect(undesired([{ ...parent, metadata: { ...parent.metadata, finalizers: [] } }], [child], 'run')).toEqual(['one/a has no finalizer']);
    expect(undesired([{ ...parent, metadata: { ...parent.metadata, deletionTimestamp: 'now' } }], [child], 'run')).toEqual(['one/a is still being deleted']);
  });
});

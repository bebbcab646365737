import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../object.ts';
import { allOf, annotationsChanged, anyOf, generationChanged, labelsChanged, not, type Predicate, resourceVersionChanged } from './predicates.ts';

function object(metadata: Partial<ObjectMeta>): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'prod', ...metadata } };
}

function passes(predicate: Predicate, before: Partial<ObjectMeta>, after: Partial<ObjectMeta>): boolean {
  return predicate({ type: 'updated', previous: object(before), object: object(after) });
}

describe('predicates', () => {
  it.each<[string, Predicate, Partial<ObjectMeta>, Partial<ObjectMeta>, boolean]>([
    ['generation: an update of status or metadata', generationChanged, { generation: 1, resourceVersion: '1' }, { generation: 1, resourceVersion: '2', labels: { a: 'b' } }, false],
    ['generation: a new generation', generationChanged, { generation: 1 }, { generation: 2 }, true],
    ['generation: the start of a deletion', generationChanged, { generation: 1 }, { generation: 1, deletionTimestamp: '2026-01-01T00:00:00Z' }, true],
    ['labels: the same in another order', labelsChanged, { labels: { a: '1', b: '2' } }, { labels: { b: '2', a: '1' } }, false],
    ['labels: a new value', labelsChanged, { labels: { a: '1' } }, { labels: { a: '2' } }, true],
    ['labels: one more', labelsChanged, {}, { labels: { a: '2' } }, true],
    ['labels: another of the same value', labelsChanged, { labels: { a: '1' } }, { labels: { b: '1' } }, true],
    ['annotations: only labels changed', annotationsChanged, { labels: { a: '1' } }, { labels: { a: '2' } }, false],
    ['annotations: one less', annotationsChanged, { annotations: { a: '1' } }, {}, true],
    ['version: none new', resourceVersionChanged, { resourceVersion: '1' }, { resourceVersion: '1' }, false],
    ['version: a new one', resourceVersionChanged, { resourceVersion: '1' }, { resourceVersion: '2' }, true],
  ])('%s', (_what, predicate, before, after, passed) => {
    expect(passes(predicate, before, after)).toBe(passed);
  });

  it.each<[string, Predicate]>([['generation', generationChanged], ['labels', labelsChanged], ['annotations', annotationsChanged], ['version', resourceVersionChanged]])('%s: adds and deletes', (_what, predicate) => {
    expect(predicate({ type: 'added', object: object({}), initial: 'live' })).toBe(true);
    expect(predicate({ type: 'deleted', object: object({}) })).toBe(true);
  });

  it('combine', () => {
    const labelOnly: [Partial<ObjectMeta>, Partial<ObjectMeta>] = [{ generation: 1 }, { generation: 1, labels: { a: 'b' } }];
    expect(passes(anyOf(generationChanged, labelsChanged), ...labelOnly)).toBe(true);
    expect(passes(allOf(generationChanged, labelsChanged), ...labelOnly)).toBe(false);
    expect(passes(not(labelsChanged), ...labelOnly)).toBe(false);
    expect([passes(allOf(), ...labelOnly), passes(anyOf(), ...labelOnly)]).toEqual([true, false]);
  });
});

import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { labelMatcher } from './label-selector.ts';
import { covering } from './selection.ts';

function object(labels?: Record<string, string>, name = 'x'): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'one', ...(labels ? { labels } : {}) } };
}

describe('labelMatcher', () => {
  it.each([
    ['a=1', true], ['a==1', true], ['a=2', false], ['a!=2', true], ['a!=1', false], ['z!=1', true], ['a', true], ['z', false], ['!z', true], ['!a', false],
    ['a in (1,2)', true], ['a in (2,3)', false], ['z in (1)', false], ['a notin (2)', true], ['a notin (1, 2)', false], ['z notin (1)', true],
    ['a=1,b=x', true], ['a=1,b in (y,z),!c', false], ['a=1, b in (x, y), !c', true], ['example.com/app=yes', true], ['', true], ['empty=', true],
    ['???((', true],
  ])('%s of a=1, b=x, example.com/app=yes, empty: %s', (selector, matches) => {
    expect(labelMatcher(selector)({ a: '1', b: 'x', 'example.com/app': 'yes', empty: '' })).toBe(matches);
  });

  it('takes an object without labels for one with none', () => {
    expect([labelMatcher('a')(undefined), labelMatcher('!a')(undefined)]).toEqual([false, true]);
  });
});

describe('covering', () => {
  it('looks at the namespace, the name that a field selector asks for, and an object\'s labels', () => {
    const covers = covering({ namespace: 'one', labelSelector: 'app=x', fieldSelector: 'status.phase=Running,metadata.name=x' });
    const key = { namespace: 'one', name: 'x' };
    expect([covers(key), covers({ ...key, namespace: 'two' }), covers({ ...key, name: 'y' })]).toEqual([true, false, false]);
    expect([covers(key, object({ app: 'x' })), covers(key, object({ app: 'y' })), covers(key, object())]).toEqual([true, false, false]);
  });

  it('rules nothing out by other fields, nor without selectors', () => {
    const key = { namespace: 'one', name: 'x' };
    expect([covering({ fieldSelector: 'metadata.name!=x' })(key), covering({ fieldSelector: 'spec.nodeName=n' })(key, object()), covering({ namespace: '' })(key)]).toEqual([true, true, true]);
  });
});

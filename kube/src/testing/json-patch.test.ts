import { describe, expect, it } from 'vitest';
import { jsonPatched } from './json-patch.ts';
import { mergePatched } from './merge-patch.ts';

describe('jsonPatched', () => {
  it.each([
    [{ a: 1 }, [{ op: 'add', path: '/b', value: null }], { a: 1, b: null }],
    [{ a: [1, 2] }, [{ op: 'add', path: '/a/1', value: 9 }, { op: 'add', path: '/a/-', value: 8 }], { a: [1, 9, 2, 8] }],
    [{ a: [1, 2] }, [{ op: 'replace', path: '/a/0', value: 3 }, { op: 'remove', path: '/a/1' }], { a: [3] }],
    [{ 'a/b': 1, 'm~n': 2 }, [{ op: 'test', path: '/a~1b', value: 1 }, { op: 'test', path: '/m~0n', value: 2 }], { 'a/b': 1, 'm~n': 2 }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }, { op: 'copy', from: '/c', path: '/a/d' }], { a: { d: 1 }, c: 1 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { z: 1 } }], { z: 1 }],
    [{ a: { x: 1, y: 2 } }, [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }], { a: { x: 1, y: 2 } }],
  ])('applies %#', (document, patch, wanted) => {
    const before = structuredClone(document);
    expect(jsonPatched(document, patch)).toEqual(wanted);
    expect(document).toEqual(before);
  });

  it.each([
    [{ op: 'test', path: '/a', value: 2 }, 422], [{ op: 'remove', path: '/none' }, 422], [{ op: 'add', path: '/none/x', value: 1 }, 422], [{ op: 'replace', path: '/none', value: 1 }, 422],
    [{ op: 'add', path: '/list/9', value: 1 }, 422], [{ op: 'add', path: '/list/x', value: 1 }, 422], [{ op: 'bend', path: '/a' }, 422], [{ op: 'add', path: 'a', value: 1 }, 422], [7, 400],
  ])('refuses %j', (operation, code) => {
    expect(() => jsonPatched({ a: 1, list: [1] }, [operation])).toThrow(expect.objectContaining({ code }));
  });
});

describe('mergePatched, by the examples of RFC 7386', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }], [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }], [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }], [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c', 'd'], ['c', 'd']], [{ a: 'b' }, ['c'], ['c']], [{ a: 'foo' }, null, null], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: 'b', c: null }, { a: 'b' }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j', (target, patch, wanted) => {
    expect(mergePatched(target, patch)).toEqual(wanted);
  });
});

import { describe, expect, it } from 'vitest';
import { differences } from './diff.ts';

describe('differences', () => {
  it.each([
    [{ state: 'open', note: 'x' }, { state: 'closed', note: 'x' }, [{ path: '/state', from: 'open', to: 'closed' }]],
    [undefined, { state: 'closed' }, [{ path: '/state', to: 'closed' }]],
    ['no object', { a: 1 }, [{ path: '/a', to: 1 }]],
    [{ deep: { a: 1, b: 2 } }, { deep: { a: 1, b: 3 } }, [{ path: '/deep/b', from: 2, to: 3 }]],
    [{ list: [1, 2] }, { list: [1, 3] }, [{ path: '/list', from: [1, 2], to: [1, 3] }]],
    [{ a: null }, { a: null }, []],
    [{ a: { x: 1 } }, { a: 7 }, [{ path: '/a', from: { x: 1 }, to: 7 }]],
    [{}, { 'a/b~c': 1 }, [{ path: '/a~1b~0c', to: 1 }]],
  ])('of %j and %j', (before, proposed, changes) => {
    expect(differences(before, proposed)).toEqual(changes);
  });

  it('are bounded', () => {
    expect(differences({}, Object.fromEntries(Array.from({ length: 500 }, (_each, index) => [`m${index}`, index])))).toHaveLength(100);
  });
});

import { describe, expect, it } from 'vitest';
import { deepFreeze } from './freeze.ts';

describe('deepFreeze', () => {
  it('makes every level refuse a change', () => {
    const value = deepFreeze({ list: [{ deep: 'x' }], nothing: null });
    expect(() => { value.list[0]!.deep = 'y'; }).toThrow(TypeError);
    expect(() => value.list.push({ deep: 'z' })).toThrow(TypeError);
    expect(() => { (value as { more?: string }).more = 'z'; }).toThrow(TypeError);
  });

  it('goes below what is frozen already', () => {
    const value = deepFreeze(Object.freeze({ inner: { deep: 'x' } }));
    expect(() => { value.inner.deep = 'y'; }).toThrow(TypeError);
  });

  it('leaves plain values as they are', () => {
    expect([deepFreeze(null), deepFreeze(3)]).toEqual([null, 3]);
  });
});

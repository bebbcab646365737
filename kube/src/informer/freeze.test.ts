import { describe, expect, it } from 'vitest';
import { deepFreeze, withoutManagedFields } from './freeze.ts';

describe('deepFreeze', () => {
  it('makes every level refuse a change', () => {
    const value = deepFreeze({ list: [{ deep: 'x' }] });
    expect(() => { value.list[0]!.deep = 'y'; }).toThrow(TypeError);
    expect(() => value.list.push({ deep: 'z' })).toThrow(TypeError);
  });

  it('leaves plain values as they are', () => {
    expect([deepFreeze(null), deepFreeze(3)]).toEqual([null, 3]);
  });
});

describe('withoutManagedFields', () => {
  it('drops them and nothing else, without touching the original', () => {
    const object = { metadata: { name: 'a', managedFields: [{}] }, spec: 1 };
    expect(withoutManagedFields(object)).toEqual({ metadata: { name: 'a' }, spec: 1 });
    expect(object.metadata.managedFields).toHaveLength(1);
  });
});

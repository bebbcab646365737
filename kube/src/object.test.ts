import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKey, keyOf, parseKey, sameKey } from './object.ts';

describe('object keys', () => {
  it('formats a namespaced key as kubectl does', () => {
    expect(formatKey({ namespace: 'prod', name: 'web' })).toBe('prod/web');
  });

  it('formats a cluster-scoped key as its name', () => {
    expect(formatKey({ namespace: '', name: 'node-1' })).toBe('node-1');
  });

  it('reads back every key it writes', () => {
    const word = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?$/);
    fc.assert(fc.property(fc.oneof(fc.constant(''), word), word, (namespace, name) => {
      expect(parseKey(formatKey({ namespace, name }))).toEqual({ namespace, name });
    }));
  });

  it.each(['', '/', 'a/', '/b', 'a/b/c'])('refuses %j and says what to write', (text) => {
    expect(() => parseKey(text)).toThrow(/write 'name' or 'namespace\/name'/);
  });

  it('takes the key from an object', () => {
    expect(keyOf({ metadata: { name: 'web', namespace: 'prod' } })).toEqual({ namespace: 'prod', name: 'web' });
    expect(keyOf({ metadata: { name: 'node-1' } })).toEqual({ namespace: '', name: 'node-1' });
  });

  it('compares keys by both parts', () => {
    expect(sameKey({ namespace: 'a', name: 'x' }, { namespace: 'a', name: 'x' })).toBe(true);
    expect(sameKey({ namespace: 'a', name: 'x' }, { namespace: 'b', name: 'x' })).toBe(false);
  });
});

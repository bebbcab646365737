import * as fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { withText } from './yaml-edit.ts';

describe('withText', () => {
  it.each([
    ['plain, its comment and the spaces around', 'a:   old   # why\nb: [1,2]\n', 'a:   newest   # why\nb: [1,2]\n'],
    ['in double quotes', '{"a":"old","b":1}', '{"a":"newest","b":1}'],
    ['in single quotes', "a: 'old'\r\nb: 1\r\n", 'a: "newest"\r\nb: 1\r\n'],
  ])('replaces a text %s', (_what, text, expected) => {
    expect(withText(text, ['a'], 'newest')).toBe(expected);
  });

  it.each([
    ['a mapping', '# top\nb: 1 # one\n', '# top\nb: 1 # one\na: new\n'],
    ['JSON', '{"b": 1}', '{ "b": 1, "a": "new" }\n'],
  ])('adds a text to %s', (_what, text, expected) => {
    expect(withText(text, ['a'], 'new')).toBe(expected);
  });

  it('replaces a block, a null and a list', () => {
    for (const before of ['a: |\n  x\n  y\nb: 1\n', 'a: >-\n  x\nb: 1\n', 'a: null\nb: 1\n', 'a:\nb: 1\n', 'a: [x]\nb: 1\n']) {
      expect(parse(withText(before, ['a'], 'new'))).toEqual({ a: 'new', b: 1 });
    }
  });

  it('changes nothing for undefined', () => {
    expect(withText('a: {', ['a'], undefined)).toBe('a: {');
  });

  it('puts any text in, and changes no other value', () => {
    const texts = fc.oneof(fc.string(), fc.constantFrom('null', 'true', '~', '- a', '0x1', 'a: b', '# a', 'e30.e30.e30', '2026-01-01'));
    fc.assert(fc.property(texts, texts, fc.constantFrom('plain', 'json'), (old, value, form) => {
      const text = form === 'json' ? JSON.stringify({ u: [{ c: { a: old, z: old } }] }) : `# top\nu:\n  - c:\n      a: ${JSON.stringify(old)} # here\n      z: ${JSON.stringify(old)}\n`;
      const edited = withText(text, ['u', 0, 'c', 'a'], value);
      expect(parse(edited)).toEqual({ u: [{ c: { a: value, z: old } }] });
      if (form === 'json') expect(JSON.parse(edited)).toEqual(parse(edited));
    }));
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, revisionDigest } from './digest.ts';
import { reordered } from './testing/arbitrary-agent.ts';

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: [{ d: null, c: 'x' }] }, '{"a":[{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: false }, '{"b":false}'],
    [[undefined, 1], '[null,1]'],
    ['é"\n', '"é\\"\\n"'],
    [{ '10': 1, '9': 2, é: 3, Z: 4 }, '{"10":1,"9":2,"Z":4,"é":3}'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('reads back as the same value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });

  it('does not depend on key order or undefined members', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
    }));
  });
});

describe('revisionDigest', () => {
  it('is ten hex characters of the SHA-256, the same on every machine and in every release of the operator', () => {
    expect(revisionDigest({ a: 1 })).toBe('015abd7f5c');
  });
});

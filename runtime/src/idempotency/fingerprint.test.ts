import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { requestFingerprint } from './fingerprint.ts';

const of = (body: unknown, path = '/v1/invoke', method = 'POST'): string => requestFingerprint({ method, path, body });

it('does not depend on the order of members', () => {
  expect(of({ a: 1, b: { c: [1, 2], d: null } })).toBe(of({ b: { d: null, c: [1, 2] }, a: 1 }));
});

it.each([
  ['a value', of({ a: 1 }), of({ a: 2 })],
  ['the order of a list', of({ a: [1, 2] }), of({ a: [2, 1] })],
  ['the type of a value', of({ a: 1 }), of({ a: '1' })],
  ['a list for an object', of([['a', 1]]), of({ a: 1 })],
  ['the path', of({}), of({}, '/v1/jobs')],
  ['the method', of({}), of({}, '/v1/invoke', 'PUT')],
])('tells apart %s', (_case, left, right) => {
  expect(left).not.toBe(right);
});

it('is the same for the same JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(of(value)).toBe(of(JSON.parse(JSON.stringify(value))));
    }),
  );
});

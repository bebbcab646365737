import { expect, it } from 'vitest';
import { redactWithin } from './redacted-fields.ts';

const names = ['body', 'headers'];

it('strikes out members by their names, and leaves what it was given as it is', () => {
  const fields = { note: 'body', request: { body: 'a', url: '/x' }, made: Object.assign(Object.create(null) as object, { headers: {} }), other: { url: '/y' } };
  const before = structuredClone({ ...fields, made: { ...fields.made } });
  expect(redactWithin(fields, names)).toEqual({ note: 'body', request: { body: '[redacted]', url: '/x' }, made: { headers: '[redacted]' }, other: { url: '/y' } });
  expect({ ...fields, made: { ...fields.made } }).toEqual(before);
});

it('copies nothing where there is nothing to strike out', () => {
  const fields = { err: Object.assign(new Error('x'), { body: 'for its serializer' }), none: null, text: 'body', list: [{ body: 'deeper' }], one: { a: 1 } };
  expect(redactWithin(fields, names)).toBe(fields);
});

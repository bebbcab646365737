import { expect, it } from 'vitest';
import { quote } from './quote.ts';

it.each([
  [3, [], '3'],
  [null, [], 'null'],
  ['20%', [], '"20%"'],
  ['x'.repeat(61), [], `"${'x'.repeat(60)}..."`],
  [[], [], 'an empty list'],
  [['a', 'b'], [], 'a list of 2'],
  [{ b: 1, a: 's' }, [], 'an object with b, a'],
  ['https://me@host/x', [], '"https://***@host/x"'],
  ['s3cret', ['spec', 'apiKey'], 'a text that is not shown here, because it may be a secret'],
  [7, ['spec', 'maxOutputTokens'], '7'],
  ['A', ['spec', 'prompt', 'configMapKeyRef', 'name'], '"A"'],
])('%j at %j is shown as %s', (value, path, expected) => {
  expect(quote(value, path)).toBe(expected);
});

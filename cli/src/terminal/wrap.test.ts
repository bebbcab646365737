import { expect, it } from 'vitest';
import { wrap } from './wrap.ts';

it.each([
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 100, ['one two three']],
  ['incomprehensible it is', 5, ['incomprehensible', 'it is']],
  ['', 5, ['']],
])('wraps %j at %d', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

import { expect, test } from 'vitest';
import { waitedSeconds } from './waited.ts';

test.each([
  ['with what the shell took before', '69', 272],
  ['alone, where it was started without the shell', undefined, 203],
  ['alone, where the variable is no number of seconds', '-5', 203],
  ['alone, where the variable is empty', '', 203],
])('the time of this program is told %s', (_, before, expected) => {
  expect(waitedSeconds(203_400, before)).toBe(expected);
});

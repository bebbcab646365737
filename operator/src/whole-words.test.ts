import { expect, it } from 'vitest';
import { wholeWords } from './whole-words.ts';

it.each([
  ['no such host', 12, 'no such host'],
  ['lookup of it: no such host', 25, 'lookup of it: no such…'],
  ['lookup of it: no such host', 18, 'lookup of it: no…'],
  ['lookup of it: no such host', 16, 'lookup of it…'],
  ['at registry.invalid/nothing/manifests/1', 20, 'at registry.invalid…'],
  ['', 5, ''],
])('%j within %i characters', (text, most, says) => {
  expect(wholeWords(text, most)).toBe(says);
  expect(wholeWords(text, most).length).toBeLessThanOrEqual(most);
});

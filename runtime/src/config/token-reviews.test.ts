import { expect, it } from 'vitest';
import { readTokenReviews } from './token-reviews.ts';

it.each([[undefined, 'none'], ['', 'none'], ['None', 'none'], [' Required ', 'required']] as const)('%s is %s', (value, expected) => {
  expect(readTokenReviews(value === undefined ? {} : { SLUICE_TOKEN_REVIEWS: value })).toBe(expected);
});

it('refuses what it does not know, as a word that is misspelled would review nothing', () => {
  expect(() => readTokenReviews({ SLUICE_TOKEN_REVIEWS: 'required' })).toThrow('SLUICE_TOKEN_REVIEWS');
});

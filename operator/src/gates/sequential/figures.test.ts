import { expect, it } from 'vitest';
import { chanceText, evidenceText, limitText } from './figures.ts';

it.each([
  [0, 20, '0'],
  [0.0004, 20, 'under 0.001'],
  [0.1234, 20, '0.123'],
  [141.23, 20, '141.2'],
  [7_105, 40, 'over 1,000'],
  [6.5e4, 80, 'over 10,000'],
  [1e300, 40, 'over 1,000,000'],
  [1_900, 1_280, '1,900'],
  [1_279.4, 1_280, '1,279'],
  [12_900, 1_280, 'over 10,000'],
])('evidence %d beside the %d that decide reads %s', (evidence, needed, text) => {
  expect(evidenceText(evidence, needed)).toBe(text);
});

it.each([[20, '20'], [66.66666, '66.7'], [1_280, '1,280'], [1_310_720, '1,310,720']])('what evidence must reach, %d, reads %s', (needed, text) => {
  expect(limitText(needed)).toBe(text);
});

it.each([[0.025, '0.025'], [0.0004, '1 in 2,500'], [1e-9, 'less than 1 in 1,000,000'], [0, 'less than 1 in 1,000,000']])('a chance of %d reads %s', (chance, text) => {
  expect(chanceText(chance)).toBe(text);
});

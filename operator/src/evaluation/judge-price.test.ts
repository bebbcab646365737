import { expect, test } from 'vitest';
import { judgePriceOf } from './judge-price.ts';

const judge = { model: 'judge-1', examples: [], minSensitivityPercent: 80, minSpecificityPercent: 80 };
const price = (model: string, input: number, output: number) => ({ model, inputDollarsPerMillionTokens: input, outputDollarsPerMillionTokens: output });

test.each([
  ['of the judging model', [price('agent-1', 1, 2), price('judge-1', 3, 15)], '3/15'],
  ['without an exponent', [price('judge-1', 0.0000005, 100_000)], '0.0000005/100000'],
  ['that is nothing', [price('judge-1', 0, 10)], '0/10'],
  ['that nobody names', [price('agent-1', 1, 2)], undefined],
  ['without any', undefined, undefined],
] as const)('a price %s', (_, prices, expected) => {
  expect(judgePriceOf({ judge }, prices === undefined ? undefined : [...prices])).toBe(expected);
});

test('nobody judges, so there is no price', () => {
  expect(judgePriceOf({}, [price('judge-1', 3, 15)])).toBeUndefined();
});

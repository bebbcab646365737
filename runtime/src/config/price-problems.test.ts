import { describe, expect, it } from 'vitest';
import type { AgentBundle } from '@sluice/crds';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { priceProblems, tierProblems } from './price-problems.ts';

const price = { inputDollarsPerMillionTokens: 1, outputDollarsPerMillionTokens: 2 };
const other = { provider: { kind: 'OpenAI' as const }, name: 'model-2', parameters: { maxOutputTokens: 8 } };

function bundle(model: Partial<AgentBundle['model']>, changes: Partial<AgentBundle> = {}): AgentBundle {
  const base = bundleFixture();
  return { ...base, model: { ...base.model, ...model }, ...changes };
}

describe('prices', () => {
  it.each([
    ['none at all', bundle({ fallbacks: [other] }), []],
    ['all', bundle({ price, fallbacks: [{ ...other, price }] }), []],
    ['one is missing', bundle({ price, fallbacks: [other] }), ['model.fallbacks[0].price']],
    ['a budget in dollars', bundle({ tiers: [{ ...other, tier: 'small' }] }, { budgets: { perDay: { maxDollars: 1 } } }), ['model.price', 'model.tiers[0].price']],
    ['a budget in tokens', bundle({}, { budgets: { perDay: { maxTokens: 1 } } }), []],
  ])('%s', (_name, given, fields) => {
    expect(priceProblems(given).map(({ field }) => field)).toEqual(fields);
  });
});

it('tiers have names of their own', () => {
  const tiers = ['small', 'primary', 'small', 'fallback-2'].map((tier) => ({ ...other, tier }));
  expect(tierProblems(bundle({ tiers })).map(({ field }) => field)).toEqual(['model.tiers[1].tier', 'model.tiers[2].tier', 'model.tiers[3].tier']);
});

import { expect, test } from 'vitest';
import { parseTestOptions, TEST_HELP } from './options.ts';
import { TIER_NAMES } from './tier.ts';

test('without options every tier runs', () => {
  expect(parseTestOptions([])).toEqual({ verb: 'test', tiers: TIER_NAMES });
});

test('--only runs what it names, in the order of the tiers', () => {
  expect(parseTestOptions(['--only', 'e2e, unit,types'])).toEqual({ verb: 'test', tiers: ['types', 'unit', 'e2e'] });
});

test.each([
  [['--only', 'unit,units'], 'there is no tier "units"'],
  [['--only', ''], 'there is no tier ""'],
  [['--fast'], './hack/test --help'],
  [['unit'], './hack/test --help'],
])('%j is refused with the choices', (args, problem) => {
  expect(() => parseTestOptions(args)).toThrow(problem);
});

test('the help explains every tier', () => {
  expect(parseTestOptions(['-h'])).toEqual({ verb: 'help' });
  for (const name of TIER_NAMES) expect(TEST_HELP).toContain(`  ${name} `);
});

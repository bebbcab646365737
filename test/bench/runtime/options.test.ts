import { describe, expect, it } from 'vitest';
import { HELP, parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('measures everything by default, and a little when it is quick', () => {
    expect(parseOptions([])).toEqual({ help: 'not shown', contenders: ['sluice', 'fastify', 'litellm'], runs: 3, seconds: 10, rates: [50, 500], streams: 1_000 });
    expect(parseOptions(['--quick', '--runs', '2'])).toMatchObject({ runs: 2, seconds: 3, rates: [50], streams: 100 });
  });

  it('takes what is given', () => {
    expect(parseOptions(['--contenders', 'sluice, litellm', '--rates', '10,20', '--streams', '5', '--help'])).toMatchObject({ help: 'shown', contenders: ['sluice', 'litellm'], rates: [10, 20], streams: 5 });
  });

  it.each([
    [['--runs', '0'], "--runs has '0'"],
    [['--rates', '10,x'], "--rates has 'x'"],
    [['--contenders', 'envoy'], "--contenders names 'envoy'"],
    [['--unknown'], HELP],
  ])('refuses %j with what to give', (args, told) => {
    expect(() => parseOptions(args)).toThrow(told);
  });
});

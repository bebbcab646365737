import { describe, expect, it } from 'vitest';
import { HELP, parseOptions } from './options.ts';

const parse = (args: readonly string[]) => parseOptions(args, 'benchmarks.md');

describe('parseOptions', () => {
  it('measures everything by default, and a little when it is quick', () => {
    expect(parse([])).toEqual({ help: 'not shown', contenders: ['sluice', 'fastify', 'litellm'], runs: 3, seconds: 10, rates: [50, 500], streams: 1_000, minutes: 15, document: 'benchmarks.md' });
    expect(parse(['--quick', '--runs', '2'])).toMatchObject({ runs: 2, seconds: 3, rates: [50], streams: 100, document: undefined });
  });

  it('takes what is given', () => {
    expect(parse(['--contenders', 'sluice, litellm', '--rates', '10,20', '--streams', '5', '--help'])).toMatchObject({ help: 'shown', contenders: ['sluice', 'litellm'], rates: [10, 20], streams: 5, document: undefined });
    expect(parse(['--minutes', '3'])).toMatchObject({ minutes: 3, document: 'benchmarks.md' });
    expect(parse(['--quick', '--document', 'x.md'])).toMatchObject({ document: 'x.md' });
  });

  it.each([
    [['--runs', '0'], "--runs has '0'"],
    [['--rates', '10,x'], "--rates has 'x'"],
    [['--contenders', 'envoy'], "--contenders names 'envoy'"],
    [['--unknown'], HELP],
  ])('refuses %j with what to give', (args, told) => {
    expect(() => parse(args)).toThrow(told);
  });
});

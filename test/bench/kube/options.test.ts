import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const parse = (...args: readonly string[]): ReturnType<typeof parseOptions> => parseOptions(args, ['stream', 'list'], 'docs/benchmarks.md');

describe('parseOptions', () => {
  it('runs everything three times and writes the document when nothing is said', () => {
    expect(parse()).toEqual({ help: 'not shown', runs: 3, only: undefined, scale: 'full', document: 'docs/benchmarks.md' });
  });

  it('leaves the document alone when the results are not whole', () => {
    expect(parse('--quick').document).toBeUndefined();
    expect(parse('--only', 'list').document).toBeUndefined();
    expect(parse('--quick', '--document', 'a.md').document).toBe('a.md');
  });

  it('takes measures separated by commas', () => {
    expect(parse('--only', 'list, stream', '--runs', '7')).toMatchObject({ only: ['list', 'stream'], runs: 7 });
  });

  it.each([
    [['--runs', '0'], "--runs is '0': give a whole number from 1 to 50"],
    [['--runs', 'two'], "--runs is 'two'"],
    [['--only', 'strem'], "--only names 'strem': give some of stream, list"],
    [['--fast'], '--quick'],
  ])('refuses %j and says what to give', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });
});

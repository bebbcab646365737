import { describe, expect, it } from 'vitest';
import { ArgumentError, parseArguments } from './arguments.ts';

const url = ['--url', 'http://agent.demo.svc'];

describe('parseArguments', () => {
  it('has defaults', () => {
    expect(parseArguments(url)).toMatchObject({ rate: 20, durationSeconds: undefined, timeoutMs: 15_000, connections: 'per-request', maxInFlight: 1000, mixFile: undefined, streamShare: undefined, seed: 1 });
  });

  it('takes what is given', () => {
    const given = parseArguments([...url, '--rate', '50', '--duration', '2.5', '--mix', 'mix.json', '--stream-share', '0', '--keep-alive']);
    expect(given).toMatchObject({ rate: 50, durationSeconds: 2.5, mixFile: 'mix.json', streamShare: 0, connections: 'keep-alive' });
    expect(parseArguments([...url, '--mix', 'built-in']).mixFile).toBeUndefined();
  });

  it.each([
    [[], /--url is missing/u],
    [['--url', 'agent'], /--url agent: give/u],
    [['--url', 'ftp://agent'], /--url ftp/u],
    [[...url, '--rate', '0'], /--rate 0: give a number from/u],
    [[...url, '--rate', 'fast'], /--rate fast/u],
    [[...url, '--stream-share', '2'], /--stream-share 2/u],
    [[...url, '--speed', '2'], /--speed.*\n?.*/u],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(ArgumentError);
    expect(() => parseArguments(argv)).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { CONTENDERS, contendersFor, parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('measures 300 and 1,000 agents where nothing is said', () => {
    expect(parseOptions([])).toEqual({ help: 'not shown', agents: [300, 1000], contenders: undefined, runs: 1, idleSeconds: 60, nodeFlags: [], controllerFlags: [], concurrency: undefined });
  });

  it('is quick on demand, and what is said beside it holds', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ agents: [30], idleSeconds: 5 });
    expect(parseOptions(['--quick', '--agents', '10,20'])).toMatchObject({ agents: [10, 20], idleSeconds: 5 });
  });

  it('takes contenders, runs, idle time and node flags', () => {
    const args = ['--contenders', 'sluice,argo-raised', '--runs', '3', '--idle', '10', '--node-flags=--cpu-prof  --cpu-prof-dir=/tmp/p', '--concurrency', '128', '--controller-flags=--concurrent-deployment-syncs=50'];
    expect(parseOptions(args)).toMatchObject({ contenders: ['sluice', 'argo-raised'], runs: 3, idleSeconds: 10, nodeFlags: ['--cpu-prof', '--cpu-prof-dir=/tmp/p'], concurrency: 128, controllerFlags: ['--concurrent-deployment-syncs=50'] });
  });

  it('compares at the size of the targets, and at larger ones when asked', () => {
    expect(contendersFor(300, undefined)).toEqual(CONTENDERS);
    expect(contendersFor(1000, undefined)).toEqual(['sluice']);
    expect(contendersFor(1000, ['argo-raised'])).toEqual(['argo-raised']);
  });

  it.each([
    [['--agents', '0'], "--agents has '0': give whole numbers from 1 to 20000"],
    [['--agents', '300,many'], "--agents has 'many'"],
    [['--runs', '1.5'], "--runs has '1.5'"],
    [['--contenders', 'flagger'], "--contenders names 'flagger': give some of sluice, argo, argo-raised"],
    [['--concurrency', '300'], "--concurrency has '300': give whole numbers from 1 to 256"],
    [['--fast'], 'npm run bench:operator'],
  ])('%j is refused with what to give', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterIncrease } from './counter-increase.ts';
import { designEffect } from './design-effect.ts';

describe('the design effect', () => {
  const pod = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true })).map(([n, share]): [number, number] => [Math.floor(n * share), n]);

  test('is at least 1 and grows with the size of what is counted several times', () => {
    fc.assert(
      fc.property(fc.array(fc.array(pod, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 6 }), (blocks) => {
        const { phi } = designEffect({ blocks });
        const fivefold = blocks.map((pods) => pods.map(([bad, requests]): [number, number] => [bad * 5, requests * 5]));
        expect(phi).toBeGreaterThanOrEqual(1);
        if (phi > 1) expect(designEffect({ blocks: fivefold }).phi).toBeCloseTo(phi * 5, 6);
      }),
    );
  });

  test('cancels what hits all pods of a block', () => {
    expect(designEffect({ blocks: [[[1, 100], [1, 100]], [[60, 100], [60, 100]]] })).toEqual({ phi: 1 });
  });

  test.each([
    ['no blocks', []],
    ['one pod', [[[3, 10]]]],
    ['nothing bad', [[[0, 10], [0, 10]]]],
    ['a pod without requests', [[[3, 10], [0, 0]]]],
    ['a thousand million alike', [[[1e8, 1e9], [1e8, 1e9]]]],
  ] as const)('is 1 with %s', (_, blocks) => {
    expect(designEffect({ blocks })).toEqual({ phi: 1 });
  });

  test('refuses counts that cannot be', () => {
    expect(() => designEffect({ blocks: [[[3, 2], [0, 1]]] })).toThrow('blocks[0] has 3 bad of 2');
  });
});

describe('increases of a counter', () => {
  test('sum to what the processes counted after the first sample, restarts included', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }), (lives) => {
        // Every life counts up from 0; a restart shows only where its first sample lies below the last of the life before.
        const samples = lives.flatMap((steps) => steps.map((_, index) => steps.slice(0, index + 1).reduce((sum, step) => sum + step, 0)));
        const { increases } = counterIncrease({ samples });
        expect(increases).toHaveLength(samples.length - 1);
        expect(increases.every((increase) => increase >= 0)).toBe(true);
        const truth = lives.flat().reduce((sum, step) => sum + step, 0) - (samples[0] ?? 0);
        expect(increases.reduce((sum, increase) => sum + increase, 0)).toBeLessThanOrEqual(truth);
      }),
    );
  });

  test.each([[[1, Number.NaN], 'samples[1] is NaN'], [[-1], 'samples[0] is -1'], [[Infinity], 'samples[0] is Infinity']])('refuses %j', (samples, message) => {
    expect(() => counterIncrease({ samples })).toThrow(message);
  });
});

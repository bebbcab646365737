import { expect, test } from 'vitest';
import { failuresMetric } from '../sequential/testing/run-release.ts';
import { unlikePods } from './pod-dispersion.ts';

const policy = (designEffect = 1) => ({ metrics: [failuresMetric({ designEffect })] });

test.each<[string, { squares: number; degrees: number } | undefined, number]>([
  ['nothing can be compared', undefined, 0],
  ['pods that differ as chance has it', { squares: 3.1, degrees: 3 }, 0],
  ['two pods by chance', { squares: 5, degrees: 1 }, 0],
  ['many pods that differ twofold', { squares: 98, degrees: 49 }, 1],
  ['pods that differ fivefold', { squares: 25, degrees: 5 }, 1],
])('%s: %j', (_, dispersion, hints) => {
  expect(unlikePods(dispersion === undefined ? {} : { dispersion }, policy())).toHaveLength(hints);
});

test('the hint has the number and names the field, and is not given to who has set it', () => {
  expect(unlikePods({ dispersion: { squares: 25, degrees: 5 } }, policy())[0]).toBe('the stable pods differ 5 times as much as independent requests would make them: if requests of a session share their fate, set rollout.gates.designEffect to how many');
  expect(unlikePods({ dispersion: { squares: 25, degrees: 5 } }, policy(5))).toEqual([]);
});

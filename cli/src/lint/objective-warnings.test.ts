import type { GatesSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { objectiveWarnings } from './objective-warnings.ts';

type Objective = NonNullable<GatesSpec['objectives']>[number];

const path = 'spec.rollout.gates.objectives[0]';
const warned = (objective: Omit<Objective, 'name'>, gates: Omit<GatesSpec, 'objectives'> = {}) => objectiveWarnings({ ...gates, objectives: [{ name: 'o', ...objective }] });

describe('objectives that can be told only nearly', () => {
  it.each<[number, string[]]>([
    [2000, []],
    [25, []],
    [1200, [`${path}.latency.maxMilliseconds is 1200: it lies between the times up to which requests are counted, and is judged at 1250: write 1000 or 1250`]],
    [10, [`${path}.latency.maxMilliseconds is 10: it lies between the times up to which requests are counted, and is judged at 25: write 25`]],
    [90_000, [`${path}.latency.maxMilliseconds is 90000: requests are counted up to 60000 ms, so a bound beyond that is never measured: write 60000 at most`]],
  ])('a bound of %i ms', (maxMilliseconds, expected) => expect(warned({ latency: { percentile: 95, maxMilliseconds } })).toEqual(expected));

  it('a latency without a bound is told by an edge that the operator picks', () => expect(warned({ latency: { percentile: 95, maxSlowerPoints: 2.5 } })).toEqual([]));
});

describe('a cost with a margin of a few percent', () => {
  it.each<[string, Omit<Objective, 'name'>, number | undefined]>([
    ['as a gate', { cost: { maxIncreasePercent: 2 }, role: 'Gate' }, 2900],
    ['as a gate that few can pass', { cost: { maxIncreasePercent: 0.5 }, role: 'Gate' }, 11_600],
    ['as a guard, which nobody waits for', { cost: { maxIncreasePercent: 2 } }, undefined],
    ['wide enough', { cost: { maxIncreasePercent: 5 }, role: 'Gate' }, undefined],
    ['of the default', { cost: {}, role: 'Gate' }, undefined],
  ])('%s', (_, objective, requests) => {
    expect(warned(objective)).toEqual(requests === undefined ? [] : [expect.stringContaining(`as a gate it needs more than ${requests} requests of the new revision, even where all of them cost the same`)]);
  });

  it('needs fewer where more risk is taken', () => {
    expect(warned({ cost: { maxIncreasePercent: 2 }, role: 'Gate' }, { risk: { promoteWorsePercent: 20 } })[0]).toContain('more than 1700 requests');
  });
});

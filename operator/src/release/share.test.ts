import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from './machine.ts';
import type { ReleaseObservation } from './observation.ts';
import { shareOf } from './share.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const plan = (weight: number): RolloutSpec => ({ ...twoSteps, steps: [{ weight, duration: '1m' }], gates: {} });

interface Pods {
  readonly canary: number;
  readonly elsewhere: number;
}

function seen(weight: number, { canary, elsewhere }: Pods, changes: Partial<ReleaseObservation> = {}): ReleaseObservation {
  const release = releaseIn({ phase: 'Shifting', step: 0, weight }, plan(weight));
  return observed({}, {
    release, rollout: plan(weight), canary: { revision: 'new', replicas: canary, ready: canary }, stable: { revision: 'old', replicas: 4, ready: 4 },
    traffic: { router: 'ReplicaRatio', state: 'Verified', actualWeight: 0, readyElsewhere: elsewhere }, ...changes,
  });
}
const share = (weight: number, pods: Pods) => shareOf(seen(weight, pods), { index: 0, count: 1, step: { weight, duration: '1m' } });

/** Of four pods that all the traffic needs. */
describe('where pods are the ratio, a share is real', () => {
  it.each([
    ['of 25 %', 25, { canary: 1, elsewhere: 4 }],
    ['of 50 %', 50, { canary: 4, elsewhere: 4 }],
    ['of 75 %, with one stable pod beside', 75, { canary: 4, elsewhere: 1 }],
    ['of all', 100, { canary: 4, elsewhere: 0 }],
    ['while the stable revision lacks pods', 25, { canary: 1, elsewhere: 1 }],
    ['without any stable pod', 25, { canary: 1, elsewhere: 0 }],
    ['with more pods than it needs beside as many more', 25, { canary: 2, elsewhere: 8 }],
  ])('%s', (_, weight, pods) => {
    expect(share(weight, pods)).toEqual({ kind: 'Real' });
  });
});

describe('and is not', () => {
  it.each([
    ['while all stable pods are still there', 75, { canary: 4, elsewhere: 4 }, '4 pods of other revisions are still ready beside 4 of revision new, which has 50 % of the traffic by that'],
    ['while one is left of them', 100, { canary: 4, elsewhere: 1 }, '1 pod of other revisions is still ready beside 4 of revision new, which has 80 % of the traffic by that'],
    ['while pods of a third revision are', 25, { canary: 1, elsewhere: 5 }, '5 pods of other revisions are still ready beside 1 of revision new, which has 17 % of the traffic by that'],
  ])('%s', (_, weight, pods, message) => {
    expect(share(weight, pods)).toEqual({ kind: 'Diluted', message });
  });

  it('without its own pods', () => {
    expect(share(50, { canary: 3, elsewhere: 0 })).toEqual({ kind: 'Missing', message: 'pods of revision new are not ready yet' });
  });
});

describe('the time of a step', () => {
  const diluted = { canary: 4, elsewhere: 4 };

  it('does not begin, and says why', () => {
    const { status } = advance(seen(75, diluted));
    expect(status.stepStartedAt).toBeUndefined();
    expect(status.message).toContain('waiting, 4 pods of other revisions are still ready');
    expect(advance(seen(75, { canary: 4, elsewhere: 1 })).status.stepStartedAt).toBeDefined();
  });

  it('takes no healthy revision back, however long the others stay', () => {
    const { status } = advance(seen(75, diluted, { now: startedAt + 1_800_000 }));
    expect(status.phase).toBe('Shifting');
    expect(status.unreadySince).toBeUndefined();
  });

  it('is no pass when it is over, as long as the share is not there', () => {
    const over = (pods: Pods) => advance(seen(75, pods, { now: startedAt + 120_000, release: releaseIn({ phase: 'Shifting', step: 0, weight: 75, stepStartedAt: new Date(startedAt).toISOString() }, plan(75)) })).status;
    expect(over(diluted)).toMatchObject({ phase: 'Shifting', message: expect.stringContaining('its time is over, but 4 pods of other revisions') as string });
    expect(over({ canary: 4, elsewhere: 1 }).phase).not.toBe('Shifting');
  });
});

it.each([[4, 1], [6, 0]])('a step whose gates are proven goes on only when its share is real: beside %i other pods it is in step %i', (readyElsewhere, step) => {
  const began = new Date(startedAt).toISOString();
  const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: began, evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
  const now = startedAt + 60_000;
  const look = { canary: { revision: 'new', replicas: 1, ready: 1 }, now, evidence: evidence(now, { requests: 900, bad: 0 }), traffic: { router: 'ReplicaRatio', state: 'Verified', actualWeight: 20, readyElsewhere } } as const;
  const { status: next } = advance(observed(status, look));
  expect(next).toMatchObject({ phase: 'Shifting', step });
  if (step === 0) expect(next.message).toContain('; but 6 pods of other revisions are still ready');
});

import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from './machine.ts';
import type { ReleaseObservation } from './observation.ts';
import { countedFrom, crashed } from './testing/crashes.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const minute = 60_000;
const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const pull = 'pod support-new-x, container agent: ErrImagePull no such image';
const crash = 'pod support-new-x, container agent: CrashLoopBackOff prompt.txt: no such file';

/** What the release goes back with, when it is over and its pods are gone. */
function endOf(status: ReleaseStatus, changes: Partial<ReleaseObservation>): string {
  const rolling = advance(observed(status, changes)).status;
  expect(rolling.phase).toBe('RollingBack');
  return advance(observed(rolling)).status.message ?? '';
}

describe('what pods said that did not come up', () => {
  const late = { now: startedAt + 6 * minute, canary: { revision: 'new', replicas: 1, ready: 0, podProblem: pull } };

  it.each<readonly [string, ReleaseStatus]>([
    ['in a step', { phase: 'Shifting', step: 0, weight: 20, unreadySince: at(0) }],
    ['on promotion', { phase: 'Promoting', weight: 100, unreadySince: at(0) }],
  ])('is kept when the release goes back %s', (_name, status) => {
    expect(endOf(status, late)).toMatch(/^Pods of revision new were not ready for 5m \(0 of 1 ready\): .+ ready yet; pod support-new-x, container agent: ErrImagePull no such image; revision old serves all the traffic$/);
  });

  it('is kept when the time of the whole release is over', () => {
    expect(endOf({ phase: 'Shifting', step: 0, weight: 20, unreadySince: at(59 * minute), message: 'waiting' }, { ...late, now: startedAt + 60 * minute })).toContain(`Last state: waiting; ${pull}`);
  });

  it('is kept when its pods crash', () => {
    const counted: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), crashes: countedFrom({ canary: 1 }) };
    const crashing = crashed({ canary: 4 });
    expect(endOf(counted, { ...crashing, canary: { ...crashing.canary, podProblem: crash }, now: startedAt + 10_000 })).toContain(`; ${crash}; revision old`);
  });
});

describe('a dark launch with open objectives', () => {
  const dark = (stickiness?: RolloutSpec['stickiness']): RolloutSpec => ({ ...twoSteps, steps: [{ weight: 0, duration: '1m' }, { weight: 50, duration: '1m' }], ...(stickiness === undefined ? {} : { stickiness }) });
  const skip = 'reach it: send some, or leave the step out with kubectl sluice skip support';

  it.each<readonly [string, RolloutSpec, number, string | undefined]>([
    ['by the default header', dark(), 2, `only requests with the header x-sluice-revision: new ${skip}`],
    ['by a header', dark({ header: 'x-revision' }), 2, `only requests with the header x-revision: new ${skip}`],
    ['by a cookie', dark({ cookie: 'pin' }), 2, `only requests with the cookie pin=new ${skip}`],
    ['by both, before its time is over', dark({ header: 'x-revision', cookie: 'pin' }), 0.5, `only requests with the header x-revision: new or the cookie pin=new ${skip}`],
    ['in a step with users', twoSteps, 2, undefined],
  ])('says who reaches the revision and what goes on without: %s', (_name, rollout, minutes, says) => {
    const now = startedAt + minutes * minute;
    const weight = rollout.steps?.[0]?.weight ?? 0;
    const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const seen = { release: releaseIn(status, rollout), canary: { revision: 'new', replicas: 1, ready: 1 }, now, evidence: evidence(now, { requests: 0, bad: 0 }) };
    const { message = '' } = advance(observed(status, { ...seen, traffic: { router: 'Gateway', state: 'Verified', actualWeight: weight } })).status;
    expect(message).toContain('no settled requests on the new revision');
    if (says === undefined) expect(message).not.toContain('skip');
    else expect(message).toContain(says);
  });
});

it.each([[1, '1 pod'], [4, '4 pods']])('counts %i pods', (capacity, says) => {
  const { message } = advance(observed({ phase: 'Promoting', weight: 100 }, { capacity, canary: { revision: 'new', replicas: capacity, ready: capacity } })).status;
  expect(message).toBe(`Revision new takes all the traffic with ${says}`);
});

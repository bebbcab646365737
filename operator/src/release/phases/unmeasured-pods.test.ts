import { type ReleaseStatus, type RolloutSpec } from '@sluice/crds';
import { expect, it } from 'vitest';
import { isoTime } from '../../evidence/clock-time.ts';
import { emptyEvidence } from '../../evidence/empty-evidence.ts';
import { advance } from '../machine.ts';
import { metricsMissing } from '../holds/metrics.ts';
import type { Hindrance } from '../observation.ts';
import { observed, releaseIn, startedAt, twoSteps } from '../testing/observations.ts';

const everyMs = 5_000;
const minute = 60_000;
const rollout: RolloutSpec = { ...twoSteps, steps: [{ weight: 20, duration: '30m' }], maxDuration: '3h', progressDeadline: '5m', holdLimit: '1h' };
const since = isoTime(startedAt);
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: since, evidence: emptyEvidence(since) };

/** At a time since the step began, milliseconds: whether a pod of it is ready, can be read, and something else stands in the way. */
interface Scene {
  readonly ready: (ms: number) => boolean;
  readonly read?: (ms: number) => boolean;
  readonly frozen?: (ms: number) => boolean;
}

/** Looks every five seconds, until the release goes back or two hours are over. */
function play({ ready, read = () => false, frozen = () => false }: Scene): { readonly status: ReleaseStatus; readonly minutes: number } {
  let status = inStep;
  for (let ms = everyMs; ms <= 120 * minute; ms += everyMs) {
    const now = startedAt + ms;
    const release = releaseIn(status, rollout);
    const isRead = ready(ms) && read(ms);
    const evidence = { ...(status.evidence ?? emptyEvidence(since)), ...(isRead ? { lastScrapeAt: isoTime(now) } : {}) };
    const hindrances = [frozen(ms) ? ({ reason: 'Freeze', message: 'frozen' } satisfies Hindrance) : undefined, metricsMissing(release, evidence, now)].filter((hindrance) => hindrance !== undefined);
    const canary = { revision: 'new', replicas: 1, ready: ready(ms) ? 1 : 0 };
    status = JSON.parse(JSON.stringify(advance(observed(status, { release, now, canary, rollout, evidence, hindrances, traffic: { router: 'ReplicaRatio', state: 'Verified', actualWeight: 20 } })).status)) as ReleaseStatus;
    if (status.phase === 'RollingBack') return { status, minutes: ms / minute };
  }
  return { status, minutes: Infinity };
}

const halfTheTime = (ms: number): boolean => ms % (2 * minute) < minute;
const most = (ms: number): boolean => ms % (30 * minute) >= minute;

it.each<readonly [string, Scene, string, readonly [number, number]]>([
  ['go for good are late after progressDeadline', { ready: (ms) => ms < 3 * minute }, 'ProgressDeadlineExceeded', [7.9, 8.2]],
  ['come and go are late when they were missing for as long in all', { ready: halfTheTime }, 'ProgressDeadlineExceeded', [9.5, 12]],
  ['seldom go are held no longer than holdLimit', { ready: most }, 'HoldLimitExceeded', [60, 63]],
  ['stay are held no longer than holdLimit', { ready: () => true }, 'HoldLimitExceeded', [60, 61]],
  ['come and go, and are frozen meanwhile, are late after the same time without the freeze', { ready: halfTheTime, frozen: (ms) => ms > 6 * minute && ms < 30 * minute }, 'ProgressDeadlineExceeded', [33, 38]],
])('pods that cannot be measured and %s', (_name, scene, reason, [from, to]) => {
  const { status, minutes } = play(scene);
  expect(status.reason, status.message).toBe(reason);
  expect(minutes).toBeGreaterThanOrEqual(from);
  expect(minutes).toBeLessThanOrEqual(to);
  expect((status.transitions ?? []).length, 'a flap is no change of phase').toBeLessThanOrEqual(6);
});

it('pods that come back and are measured let the release go on, with nothing left of it', () => {
  const { status, minutes } = play({ ready: (ms) => ms > 6 * minute || halfTheTime(ms), read: (ms) => ms > 6 * minute });
  expect(minutes).toBe(Infinity);
  expect(status.transitions?.map(({ reason }) => reason)).toContain('GoesOn');
  expect(status).not.toHaveProperty('stop');
  expect(status).not.toHaveProperty('unreadySince');
});

it('the sentence says that they were missing for so long in all', () => {
  expect(play({ ready: halfTheTime }).status.message).toContain('Pods of revision new were not ready for 5m in all (0 of 1 ready): The metrics of the pods could not be read');
});

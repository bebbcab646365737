import type { HoldReason, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { evidence, releaseIn, startedAt, twoSteps } from '../testing/observations.ts';
import { metricsMissing, noMetricsSource } from './metrics.ts';

const second = 1_000;
const at = (seconds: number): string => new Date(startedAt + seconds * second).toISOString();
const running: ReleaseStatus = { phase: 'Shifting', stepStartedAt: at(0) };
const seen = { ...evidence(startedAt, { requests: 1, bad: 0 }), since: at(0) };
const { lastScrapeAt: _never, ...unseen } = seen;

it.each<readonly [string, ReleaseStatus, typeof unseen | undefined, number, boolean]>([
  ['read a moment ago', running, seen, 30, false],
  ['not read for longer than counts', running, seen, 31, true],
  ['never read, the window is young', running, unseen, 30, false],
  ['never read', running, unseen, 31, true],
  ['no clock runs', { phase: 'Shifting' }, undefined, 500, false],
])('%s', (_name, status, found, seconds, missing) => {
  const hindrance = metricsMissing(releaseIn(status), found, startedAt + seconds * second);
  expect(hindrance?.reason).toBe(missing ? 'MetricsMissing' : undefined);
});

describe('what is held because it could not be measured', () => {
  const stop = (reason: HoldReason): ReleaseStatus => ({ ...running, phase: 'Held', stop: { phase: 'Shifting', since: at(100), reason } });
  const turned: ReleaseStatus = { ...stop('ProviderOutage'), transitions: (['MetricsMissing', 'ProviderOutage'] as const).map((reason) => ({ phase: 'Held', at: at(100), reason, message: '' })) };
  /** As a hold begins one when it turns to another reason. */
  const fresh = { ...unseen, since: at(100) };
  it.each<readonly [string, ReleaseStatus, Partial<typeof seen> & typeof unseen, boolean]>([
    ['is not measured by a window that has just begun', stop('MetricsMissing'), fresh, true],
    ['nor where the hold has turned to something else since', turned, fresh, true],
    ['nor by a scrape of long ago', stop('MetricsMissing'), { ...fresh, lastScrapeAt: at(60) }, true],
    ['goes on when it was read', turned, { ...fresh, lastScrapeAt: at(90) }, false],
    ['has its time where it was held for something else alone', stop('Suspended'), fresh, false],
  ])('%s', (_title, status, found, missing) => {
    expect(metricsMissing(releaseIn(status), found, startedAt + 105 * second)?.reason).toBe(missing ? 'MetricsMissing' : undefined);
  });
});

it('nothing is missing where nothing is measured', () => {
  expect(metricsMissing(releaseIn(running, { ...twoSteps, gates: {} }), unseen, startedAt + 500 * second)).toBeUndefined();
});

it('says why, where the source of the numbers does', () => {
  const told = { ...unseen, problems: [{ objective: 'orders', reason: 'no series' }, { reason: 'Prometheus: it answered with status 401: check the bearer token' }] };
  expect(metricsMissing(releaseIn(running), told, startedAt + 31 * second)?.message).toContain('so nothing is known: Prometheus: it answered with status 401: check the bearer token');
  expect(metricsMissing(releaseIn(running), unseen, startedAt + 31 * second)?.message).toContain('so nothing is known: check that the operator reaches port 8080');
});

it('Prometheus knows a pod by its last scrape, which may be two minutes old', () => {
  const byPrometheus = releaseIn(running, { ...twoSteps, gates: { ...twoSteps.gates, source: 'Prometheus' } });
  expect(metricsMissing(byPrometheus, seen, startedAt + 150 * second)).toBeUndefined();
  expect(metricsMissing(byPrometheus, seen, startedAt + 151 * second)?.reason).toBe('MetricsMissing');
});

it.each([
  ['it has objectives and steps', twoSteps, true],
  ['nothing is measured', { ...twoSteps, gates: {} }, false],
  ['nothing is shifted', { gates: twoSteps.gates! }, false],
])('a source that is not there is told before anything begins where %s', (_title, rollout, told) => {
  const hindrance = noMetricsSource(rollout, { missing: () => 'set prometheus.url' });
  expect(hindrance).toEqual(told ? { reason: 'MetricsMissing', correction: 'NoPrometheus', message: 'No release can be judged by its objectives: set prometheus.url' } : undefined);
  expect(noMetricsSource(rollout, { missing: () => undefined })).toBeUndefined();
  expect(noMetricsSource(rollout, {})).toBeUndefined();
});

import type { AgentDeployment } from '@sluice/crds';
import { FakeClock } from '@sluice/kube';
import { beforeEach, expect, it } from 'vitest';
import { LateReleases } from './late-releases.ts';

const agent = (uid: string) => ({ metadata: { name: 'support', uid } }) as AgentDeployment;
let clock: FakeClock;
let late: LateReleases;
beforeEach(() => {
  clock = new FakeClock();
  late = new LateReleases({ clock });
});

it('tells of Releases that a watch does not show for too long, once', async () => {
  expect(late.news(agent('a'), 'Late')).toBeUndefined();
  await clock.advance(29_999);
  expect(late.news(agent('a'), 'Late')).toBeUndefined();
  await clock.advance(1);
  expect(late.news(agent('a'), 'Late')).toContain('has not shown Releases that exist');
  await clock.advance(600_000);
  expect(late.news(agent('a'), 'Late')).toBeUndefined();
});

it.each(['None', 'Elsewhere'] as const)('counts anew after a look that found them: %s', async (found) => {
  late.news(agent('a'), 'Late');
  await clock.advance(30_000);
  expect(late.news(agent('a'), found)).toBeUndefined();
  expect(late.news(agent('a'), 'Late')).toBeUndefined();
  await clock.advance(30_000);
  expect(late.news(agent('a'), 'Late')).toBeDefined();
});

it('keeps agents apart, and no more of them than a bound', async () => {
  late.news(agent('a'), 'Late');
  await clock.advance(30_000);
  expect(late.news(agent('b'), 'Late')).toBeUndefined();
  for (let other = 0; other < 1_000; other += 1) late.news(agent(`other-${other}`), 'Late');
  expect(late.news(agent('a'), 'Late'), 'forgotten: it counts anew').toBeUndefined();
});

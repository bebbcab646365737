import { expect, it } from 'vitest';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { silentProgress } from '../../../hack/src/progress/progress.ts';
import { sluice } from './contenders/sluice.ts';
import { renderReport } from './report.ts';
import { runContender } from './run.ts';
import { perAgent, writesOf } from './writes.ts';

/** A control plane of its own, and kwok where it has to be built first. */
const TIMEOUT_MS = 15 * 60_000;
const agents = 2;

it('releases agents on simulated nodes and accounts for every write', async () => {
  const { signal } = new AbortController();
  const figures = await runContender(sluice, { agents, idleSeconds: 1, nodeFlags: [], progress: silentProgress, clock: systemClock, signal });
  const { create, release } = figures;
  expect(perAgent(create.writes.filter(({ verb, resource }) => verb === 'create' && resource === 'deployments'), agents)).toBe(1);
  expect(perAgent(release.writes.filter(({ verb, resource }) => verb === 'create' && resource === 'releases'), agents)).toBe(1);
  expect(writesOf(release.writes, 'status').length).toBeGreaterThan(0);
  // Two steps of five seconds each.
  expect(release.seconds).toBeGreaterThan(10);
  expect(create.allWrites).toBeGreaterThan(perAgent(create.writes, 1));
  expect(figures.reconcileP99).toBeGreaterThan(0);
  expect(renderReport({ environment: {}, results: [{ contender: sluice, agents, runs: [figures] }] })).toContain('| Sluice |');
}, TIMEOUT_MS);

import type { Evidence, Objective, ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { advance } from './machine.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const objectives: Objective[] = [{ name: 'success', successRate: {} }, { name: 'p95', latency: { percentile: 95 } }, { name: 'tools', toolErrors: {} }];
const gates = { interval: '3s', minDuration: '0s', objectives };
const since = isoTime(startedAt);
const none = { requests: 0, bad: 0, latencyBuckets: [] };
const some = (requests: number) => ({ requests, bad: 0, latencyBuckets: [{ le: 1, count: requests }, { le: -1, count: requests }] });
const past = { ...none, pods: 2, podMilliseconds: 7_200_000 };

interface Seen {
  readonly stable?: Evidence['stable'];
  readonly problems?: Evidence['problems'];
  readonly maxDuration?: string;
}

/** Looks every three seconds at a step of 20 % that no request of the new revision has reached. */
function after(seconds: number, { stable = none, problems, maxDuration = '1h' }: Seen): ReleaseStatus {
  const rollout = { ...twoSteps, steps: [{ weight: 20, duration: '1m', marginFactor: 5 }, { weight: 50, duration: '1m' }], gates, maxDuration };
  let status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, startedAt: since, evidence: { since, missedScrapes: 0, stable: none, canary: none, past } };
  for (let at = 0; at <= seconds && status.phase === 'Shifting'; at += 3) {
    const now = startedAt + at * 1000;
    const evidence: Evidence = { since, lastScrapeAt: isoTime(now), missedScrapes: 0, stable, canary: none, past, ...(problems === undefined ? {} : { problems }) };
    const release = releaseIn(status, rollout);
    status = advance(observed(status, { release, rollout, now, evidence, canary: { revision: 'new', replicas: 1, ready: 1 }, traffic: { router: 'Gateway', state: 'Verified', actualWeight: 20 } })).status;
  }
  return status;
}

const needed = (status: ReleaseStatus) => Math.max(...(status.gate?.forecast?.objectives ?? []).map(({ requests = 0 }) => requests));

it('a step without traffic says so, and how many requests are needed as the forecast has it', () => {
  const status = after(60, {});
  expect(needed(status)).toBeGreaterThan(100);
  expect(status.message).toBe(`Step 1 of 2, 20 %: no requests reached either revision since 2026-11-21T10:00:00Z; about ${needed(status)} of the new revision are needed if it is as good as the stable one`);
  const [success, p95, tools] = status.objectives ?? [];
  expect(success?.message).toMatch(/^success: no requests reached either revision since \S+; about \d+ of the new revision are needed/);
  expect(p95?.message).toMatch(/^p95: no requests reached either revision since \S+; about \d+ of the new revision are needed/);
  expect(tools?.message).toBe('tools: no requests reached either revision since 2026-11-21T10:00:00Z');
});

it('says so too to the person who must decide when the time is up', () => {
  const status = after(150, { maxDuration: '2m' });
  expect(status).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive' });
  expect(status.message).toContain(`Not decided within 2m: no requests reached either revision since 2026-11-21T10:00:00Z; about ${needed(status)} of the new revision are needed`);
  expect(status.message).not.toContain('missing');
});

it('says whom they did not reach where the stable revision has some', () => {
  const { message, objectives: said = [] } = after(60, { stable: some(100) });
  expect(message).toMatch(/^Step 1 of 2, 20 %: no requests reached the new revision since 2026-11-21T10:00:00Z; /);
  expect(said[0]?.message).toContain('no settled requests on the new revision');
});

it('claims nothing where some pod could not be read', () => {
  expect(after(60, { problems: [{ reason: 'a pod could not be scraped: ECONNREFUSED' }] }).message).not.toContain('no requests reached');
});

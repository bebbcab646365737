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
  readonly canary?: Evidence['canary'];
  readonly problems?: Evidence['problems'];
  readonly maxDuration?: string;
}

/** Looks every three seconds at a step of 20 % that no request of the new revision has reached. */
function after(seconds: number, { stable = none, canary = none, problems, maxDuration = '1h' }: Seen): ReleaseStatus {
  const rollout = { ...twoSteps, steps: [{ weight: 20, duration: '1m', marginFactor: 5 }, { weight: 50, duration: '1m' }], gates, maxDuration };
  let status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, startedAt: since, evidence: { since, missedScrapes: 0, stable: none, canary: none, past } };
  for (let at = 0; at <= seconds && status.phase === 'Shifting'; at += 3) {
    const now = startedAt + at * 1000;
    const evidence: Evidence = { since, lastScrapeAt: isoTime(now), missedScrapes: 0, stable, canary, past, ...(problems === undefined ? {} : { problems }) };
    const release = releaseIn(status, rollout);
    status = advance(observed(status, { release, rollout, now, evidence, canary: { revision: 'new', replicas: 1, ready: 1 }, traffic: { router: 'Gateway', state: 'Verified', actualWeight: 20 } })).status;
  }
  return status;
}

const needed = (status: ReleaseStatus) => Math.max(...(status.gate?.forecast?.objectives ?? []).map(({ requests = 0 }) => requests));

it('a step without traffic says so, and how many requests are needed as the forecast has it', () => {
  const status = after(60, {});
  expect(needed(status)).toBeGreaterThan(100);
  expect(status.message).toBe(`Step 1 of 2, 20 %: no requests reached either revision since 2026-11-21T10:00:00Z, as of 2026-11-21T10:00:54Z; about ${needed(status)} of the new revision are needed if it is as good as the stable one`);
  const [success, p95, tools] = status.objectives ?? [];
  expect(success?.message).toMatch(/^success: no requests reached either revision since \S+, as of \S+; about \d+ of the new revision are needed/);
  expect(p95?.message).toMatch(/^p95: no requests reached either revision since \S+, as of \S+; about \d+ of the new revision are needed/);
  expect(tools?.message).toBe('tools: no requests reached either revision since 2026-11-21T10:00:00Z, as of 2026-11-21T10:00:54Z');
});

it('says so too to the person who must decide when the time is up', () => {
  const status = after(150, { maxDuration: '2m' });
  expect(status).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive' });
  expect(status.message).toContain(`Not decided within 2m: no requests reached either revision since 2026-11-21T10:00:00Z, as of 2026-11-21T10:02:00Z; about ${needed(status)} of the new revision are needed`);
  expect(status.message).not.toContain('missing');
});

it('says whom they did not reach where the stable revision has some', () => {
  const { message, objectives: said = [] } = after(60, { stable: some(100) });
  expect(message).toMatch(/^Step 1 of 2, 20 %: no requests reached the new revision since 2026-11-21T10:00:00Z, as of 2026-11-21T10:00:54Z; /);
  expect(said[0]?.message).toContain('no settled requests on the new revision');
});

it('says with it what could not be counted either, which would hold it up later', () => {
  const { message, objectives: said = [] } = after(60, { problems: [{ objective: 'tools', reason: 'there is no metric sluice_tool_calls_totl (2 pods)' }] });
  expect(message).toMatch(/: no requests reached either revision since .* are needed if it is as good as the stable one; not counted, because tools: there is no metric sluice_tool_calls_totl \(2 pods\)$/);
  expect(said.map((each) => each.message.includes('not counted, because tools'))).toEqual([false, false, true]);
});

it('says that nothing is missing but the counters where requests were answered', () => {
  const problems = [{ objective: 'success', reason: 'there is no such metric' }, { objective: 'p95', reason: 'there is no such metric' }, { objective: 'tools', reason: 'there is no such metric' }];
  const { message } = after(60, { stable: some(40), canary: some(1), problems });
  expect(message).toContain('measurements are missing: success for ');
  expect(message).toContain('success: nothing could be counted on either revision; ');
  expect(message).toContain(', though the new revision answered 1 request and the stable one 40 requests since 2026-11-21T10:00:00Z');
  expect(message).not.toContain('no requests reached');
});

it('claims nothing where some pod could not be read', () => {
  expect(after(60, { problems: [{ reason: 'a pod could not be scraped: ECONNREFUSED' }] }).message).not.toContain('no requests reached');
});

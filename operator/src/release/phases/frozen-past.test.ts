import type { PastCounts } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from '../machine.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from '../testing/observations.ts';

const past = (requests: number): PastCounts => ({ requests, bad: requests / 50, latencyBuckets: [], pods: 4, podMilliseconds: 4 * 3_600_000 });
const canary = { revision: 'new', replicas: 1, ready: 1 };
const rollout = { ...twoSteps, gates: { interval: '15s', minDuration: '0s', objectives: [{ name: 'success', successRate: {} }] } };
const looked = (at: number, counts: PastCounts) => ({ ...evidence(at, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }), past: counts });

describe('what the stable pods had counted before the first step', () => {
  const stands = releaseIn({ phase: 'Shifting', step: 0, weight: 20 }, rollout);
  const begun = advance(observed({}, { release: stands, rollout, canary, capacity: 4, traffic: { router: 'Gateway', state: 'Verified', actualWeight: 20 }, evidence: looked(startedAt, past(10_000)) })).status;

  it('is stored when the step begins, with the gates that are frozen by it', () => {
    expect(begun.stepStartedAt).toBeDefined();
    expect(begun.evidence).toMatchObject({ since: begun.stepStartedAt, past: { requests: 10_000 }, canary: { requests: 0 } });
    expect(JSON.stringify(begun.gate?.policy)).toContain('"requests":10000');
  });

  it('is what an operator that begins a moment later has, too: the gates stay as they are, and it has nothing to write', () => {
    const since = Date.parse(begun.stepStartedAt ?? '');
    const next = advance(observed({}, { release: releaseIn(begun, rollout), rollout, canary, now: since + 2_000, traffic: { router: 'Gateway', state: 'Verified', actualWeight: 20 }, evidence: { ...looked(since + 2_000, begun.evidence!.past!), since: begun.stepStartedAt! } })).status;
    expect(next.gate).toEqual(begun.gate);
  });
});

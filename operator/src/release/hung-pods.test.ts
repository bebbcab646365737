import type { PastCounts, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { FakeClock } from '@sluice/kube/testing';
import { describe, expect, it } from 'vitest';
import { CountingSource } from '../evidence/counting-source.ts';
import type { Evidence, PodTarget } from '../evidence/evidence-source.ts';
import { readPodCounters } from '../evidence/pod-counters.ts';
import { stateIn } from '../gates/release-gate/index.ts';
import { isTerminal } from './decision.ts';
import { metricsMissing } from './holds/metrics.ts';
import { advance } from './machine.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const everyMs = 3_000;
const minute = 60_000 / everyMs;
/** Requests that reach a pod between two looks: so few that a proof takes longer than it takes the pod to hang. */
const perLook = 3;
const { signal } = new AbortController();
const rollout: RolloutSpec = { ...twoSteps, steps: [{ weight: 50, duration: '1s' }], maxDuration: '2h', gates: { interval: '15s', minDuration: '5m', objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }] } };
const past: PastCounts = { requests: 10_000, bad: 200, latencyBuckets: [], pods: 2, podMilliseconds: 2 * 3_600_000 };
const pod = (uid: string): PodTarget => ({ uid, ip: '10.0.0.1', port: 8080, startedAt });

interface Counted {
  readonly all: number;
  readonly bad: number;
}

interface Scene {
  /** Whether the second pod of the new revision cannot be read at this look. */
  readonly hangs: (look: number) => boolean;
  /** What becomes of the requests that reach it then. */
  readonly whileHung: 'Fails' | 'Serves';
  /** Looks at which another process of the operator takes over. */
  readonly takesOver?: readonly number[];
}

/** Two pods of each revision, of which one in fifty requests fails. */
async function play(looks: number, { hangs, whileHung, takesOver = [] }: Scene): Promise<ReleaseStatus> {
  const clock = new FakeClock({ nowMs: startedAt });
  const pods = new Map<string, Counted>(['s1', 's2', 'c1', 'c2'].map((uid) => [uid, { all: 0, bad: 0 }]));
  let hung = false;
  const page = ({ uid }: PodTarget): string => {
    const { all, bad } = pods.get(uid) ?? { all: 0, bad: 0 };
    return `process_start_time_seconds 1\nsluice_requests_total{outcome="success"} ${all - bad}\nsluice_requests_total{outcome="timeout"} ${bad}\n`;
  };
  const read = (target: PodTarget) => (hung && target.uid === 'c2' ? { target, counters: undefined, problem: 'no answer' } : { target, counters: readPodCounters(page(target)) });
  const started = () => new CountingSource({ clock, reader: { read: ({ stable, canary }) => Promise.resolve({ stable: stable.map(read), canary: canary.map(read) }) } });
  let source = started();
  let status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 50 };
  for (let look = 0; look < looks; look += 1) {
    await clock.advance(everyMs);
    hung = hangs(look);
    if (takesOver.includes(look)) source = started();
    for (const [uid, { all, bad }] of pods) pods.set(uid, { all: all + perLook, bad: bad + (hung && whileHung === 'Fails' && uid === 'c2' ? perLook : look % 17 === 0 ? 1 : 0) });
    const now = clock.now();
    const since = status.evidence?.since;
    const found = since === undefined ? undefined : await source.collect({ windowId: since, since: Date.parse(since), previous: status.evidence, stable: [pod('s1'), pod('s2')], canary: [pod('c1'), pod('c2')] }, { signal });
    const evidence: Evidence | undefined = found === undefined ? undefined : { ...found, past };
    const release = releaseIn(status, rollout);
    const hindrance = metricsMissing(release, evidence, now);
    const evidenceFrom = since === undefined ? undefined : source.countsFrom(since);
    status = JSON.parse(JSON.stringify(advance(observed(status, {
      release, now, rollout, canary: { revision: 'new', replicas: 2, ready: 2 }, stable: { revision: 'old', replicas: 2, ready: 2 }, traffic: { router: 'Gateway', state: 'Verified', actualWeight: 50 },
      ...(evidence === undefined ? {} : { evidence }), ...(evidenceFrom === undefined ? {} : { evidenceFrom }), hindrances: hindrance === undefined ? [] : [hindrance],
    })).status)) as ReleaseStatus;
    if (isTerminal(status.phase) || status.phase === 'RollingBack' || status.phase === 'Promoting') return status;
  }
  return status;
}

function provenOf({ gate }: ReleaseStatus): boolean {
  return stateIn(gate?.state ?? '').metrics['success']?.latched.at(-1) === true;
}

const hangsFor = (seconds: number, ofMinutes: number) => (look: number): boolean => look % (ofMinutes * minute) >= ofMinutes * minute - (seconds * 1000) / everyMs;

describe('missing scrapes merged and never read as good: what a pod did while it could not be read', () => {
  it.each([
    ['75 s of each three minutes, in which a block closes without it', 75, 3],
    ['45 s of each two minutes, in which none does', 45, 2],
  ])('comes with a later block: a revision that fails whenever one of its pods hangs is not promoted, %s', async (_, seconds, ofMinutes) => {
    const status = await play(60 * minute, { hangs: hangsFor(seconds, ofMinutes), whileHung: 'Fails' });
    expect(status.transitions?.map(({ reason }) => reason)).toContain('MetricsMissing');
    expect(['Promoting', 'Promoted', 'AwaitingApproval']).not.toContain(status.phase);
    expect(provenOf(status)).toBe(false);
  });

  it('of a revision that only cannot be read, it holds up nothing else', async () => {
    const status = await play(60 * minute, { hangs: hangsFor(75, 3), whileHung: 'Serves' });
    expect(status.transitions?.map(({ reason }) => reason)).toContain('MetricsMissing');
    expect(['Promoting', 'Promoted']).toContain(status.phase);
    expect(provenOf(status)).toBe(true);
  });

  it('is not known where another process of the operator takes over meanwhile, and then neither is what the others did', async () => {
    const [from, takeOver] = [4 * minute, 5.5 * minute];
    const status = await play(8 * minute, { hangs: (look) => look >= from && look < 6 * minute, whileHung: 'Fails', takesOver: [takeOver] });
    const { totals = [], unsettled } = stateIn(status.gate?.state ?? '').metrics['success'] ?? {};
    expect(status.gate?.log.filter((line) => line.includes(' anew=1'))).toHaveLength(1);
    expect(status.gate?.log.filter((line) => line.includes(' partial=1'))).not.toHaveLength(0);
    // Two pods until one hung and again after that.
    expect(totals[0]?.counts[1]).toBeLessThanOrEqual(2 * perLook * (from + 2 * minute));
    expect(unsettled?.[1]).toBeGreaterThan(0);
  });
});

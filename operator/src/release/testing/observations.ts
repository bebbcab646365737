import type { Release, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import type { EvaluationObservation, ReleaseObservation } from '../observation.ts';
import { planOf } from '../plan.ts';

export const startedAt = Date.parse('2026-11-21T10:00:00.000Z');

export const twoSteps: RolloutSpec = {
  steps: [
    { weight: 20, duration: '1m' },
    { weight: 50, duration: '1m' },
  ],
  gates: {
    evals: [{ suiteRef: { name: 'golden' }, minPassPercent: 100 }],
    objectives: [{ name: 'success', successRate: { minPercent: 99 } }],
    interval: '3s',
    minDuration: '0s',
  },
  maxDuration: '1h',
  progressDeadline: '5m',
  holdLimit: '1h',
  onSecretChange: 'Restart',
  historyLimit: 10,
};

export function releaseIn(status: ReleaseStatus, rollout: RolloutSpec | undefined = twoSteps): Release {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Release',
    metadata: { name: 'support-2', namespace: 'demo', uid: 'uid-2' },
    spec: { agentName: 'support', revision: 'new', stableRevision: 'old', ...(rollout === undefined ? {} : { rollout }) },
    status: { startedAt: new Date(startedAt).toISOString(), ...status },
  };
}

/** A release of `new` over a healthy `old` with four pods, a second after its start; `changes` says what the case is about. */
export function observed(status: ReleaseStatus, changes: Partial<ReleaseObservation> = {}): ReleaseObservation {
  const release = changes.release ?? releaseIn(status);
  const rollout = planOf(release);
  return {
    now: startedAt + 1_000,
    release,
    role: 'Active',
    requestTimeoutMs: 0,
    ...(rollout === undefined ? {} : { rollout }),
    provenness: 'Unproven',
    returnable: [],
    undone: [],
    capacity: 4,
    scaling: 'Fixed',
    maxReplicas: 4,
    traffic: { router: 'ReplicaRatio', state: 'Verified', actualWeight: 0 },
    stable: { revision: 'old', replicas: 4, ready: 4 },
    canary: { revision: 'new', replicas: 0, ready: 0 },
    evaluations: [],
    hindrances: [],
    ...changes,
  };
}

export function evaluation(verdict: EvaluationObservation['verdict'], message: string = verdict): EvaluationObservation {
  return { gate: { suiteRef: { name: 'golden' }, minPassPercent: 100 }, attempt: 1, evalRun: 'support-2-golden', verdict, message };
}

/** Evidence of a step that began at `since`, last scraped at `now`; latency plays no part. */
export function evidence(now: number, canary: { requests: number; bad: number }, stable = { requests: 400, bad: 0 }): NonNullable<ReleaseStatus['evidence']> {
  const at = new Date(now).toISOString();
  return { since: new Date(startedAt).toISOString(), lastScrapeAt: at, missedScrapes: 0, stable: { ...stable, latencyBuckets: [] }, canary: { ...canary, latencyBuckets: [] } };
}

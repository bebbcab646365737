import type { Evidence, Intent, PastCounts, ReleaseStatus, RolloutSpec, Sample } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { advance } from '../machine.ts';
import { isTerminal } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { observed, releaseIn, startedAt, twoSteps } from './observations.ts';

/** Requests of one revision between two looks. */
export interface Traffic {
  readonly requests: number;
  readonly bad: number;
}

/** What happens at one look: the traffic since the look before, and what else is seen. */
export interface PlayedLook {
  readonly stable: Traffic;
  readonly canary: Traffic;
  /** Some pod could not be read; the traffic is that of the others. */
  readonly scrape?: 'Missed';
  readonly seen?: Partial<ReleaseObservation>;
  /** What somebody asks for at this look. */
  readonly asks?: Intent['verb'];
  /** By how much the clock that this look reads is ahead, milliseconds; default 0. */
  readonly aheadMs?: number;
}

export interface Play {
  readonly rollout?: Partial<RolloutSpec>;
  readonly past?: PastCounts;
  /** Milliseconds between two looks; default 15 s. */
  readonly everyMs?: number;
  readonly requestTimeoutMs?: number;
  readonly carried?: NonNullable<ReturnType<typeof releaseIn>['spec']['carried']>;
  readonly from?: ReleaseStatus;
  /** Goes on while a person is asked. Default: it is over then. */
  readonly asked?: 'GoesOn';
}

export const steadyPast: PastCounts = { requests: 10_000, bad: 200, latencyBuckets: [], pods: 4, podMilliseconds: 4 * 3_600_000 };

/** Why a look missed a pod. */
export const unread = '10.0.0.7 does not answer';

const sum = (before: Sample, { requests, bad }: Traffic): Sample => ({ ...before, requests: before.requests + requests, bad: before.bad + bad });
const none: Sample = { requests: 0, bad: 0, latencyBuckets: [] };

/** Plays a release through the operator's own machine, its status stored as JSON after each look, until it ends or the looks do. */
export function playRelease(looks: Iterable<PlayedLook>, play: Play = {}): ReleaseStatus {
  const rollout: RolloutSpec = { ...twoSteps, steps: [{ weight: 10, duration: '1s' }], gates: { interval: '15s', minDuration: '0s', objectives: [{ name: 'success', successRate: {} }] }, ...play.rollout };
  let status: ReleaseStatus = play.from ?? { phase: 'Shifting', step: 0, weight: rollout.steps?.[0]?.weight ?? 0 };
  let [real, since, lastScrapeAt] = [startedAt, '', ''];
  let [stable, canary] = [none, none];
  let missedScrapes = 0;
  let intent: Intent | undefined;
  for (const look of looks) {
    const now = real + (look.aheadMs ?? 0);
    // A window that was given up begins anew with nothing.
    if (status.evidence !== undefined && status.evidence.since !== since) [since, lastScrapeAt, stable, canary] = [status.evidence.since, status.evidence.since, none, none];
    if (since !== '') [stable, canary] = [sum(stable, look.stable), sum(canary, look.canary)];
    if (look.scrape !== 'Missed') lastScrapeAt = isoTime(now);
    else missedScrapes += 1;
    if (look.asks !== undefined) intent = { verb: look.asks, revision: 'new', requestId: isoTime(real), by: 'ann' };
    const problems = look.scrape === 'Missed' ? { problems: [{ reason: unread }] } : {};
    const evidence: Evidence | undefined = since === '' ? undefined : { since, lastScrapeAt, missedScrapes, stable, canary, past: play.past ?? steadyPast, ...problems };
    const { spec, ...release } = releaseIn(status, rollout);
    const observation = observed(status, {
      release: { ...release, spec: { ...spec, ...(play.carried === undefined ? {} : { carried: play.carried }), ...(intent === undefined ? {} : { intent }) } }, rollout, now, canary: { revision: 'new', replicas: 4, ready: 4 },
      requestTimeoutMs: play.requestTimeoutMs ?? 0, ...(evidence === undefined ? {} : { evidence }), ...look.seen,
    });
    status = JSON.parse(JSON.stringify(advance(observation).status)) as ReleaseStatus;
    if (isTerminal(status.phase) || status.phase === 'RollingBack' || status.phase === 'Promoting' || (status.phase === 'AwaitingApproval' && play.asked !== 'GoesOn')) return status;
    real += play.everyMs ?? 15_000;
  }
  return status;
}

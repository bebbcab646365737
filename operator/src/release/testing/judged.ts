import type { Evidence, Objective, ObjectiveResult, PastCounts, ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { emptyEvidence } from '../../evidence/empty-evidence.ts';
import { lookAtGate } from '../gate-look.ts';
import { observed, releaseIn, startedAt, twoSteps } from './observations.ts';

/** A minute after the step began. */
export const lookedAt = startedAt + 60_000;

/** A release whose first step has just begun, under these objectives. */
export function stepWith(objectives: readonly Objective[]): ReturnType<typeof releaseIn> {
  const since = isoTime(startedAt);
  const status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: since, evidence: emptyEvidence(since) };
  return releaseIn(status, { ...twoSteps, gates: { interval: '3s', minDuration: '0s', objectives: [...objectives] } });
}

/** What the objectives say of all that was counted in one minute; `past` is what the stable pods had counted before. */
export function judgedBy(objectives: readonly Objective[], found: Evidence | undefined, past?: PastCounts): readonly ObjectiveResult[] {
  const release = stepWith(objectives);
  const evidence = found === undefined ? undefined : { ...found, lastScrapeAt: isoTime(lookedAt), ...(past === undefined ? {} : { past }) };
  return lookAtGate(observed({}, { release, now: lookedAt, requestTimeoutMs: 0, ...(evidence === undefined ? {} : { evidence }) })).results;
}
